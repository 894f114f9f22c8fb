"""A folder of manifests that a test changes the way a user does: by writing files."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any, Callable

import yaml

Object = dict[str, Any]


class Manifests:
    """A copy of a scenario's manifests. Every change replaces one file in one step."""

    def __init__(self, source: Path, folder: Path) -> None:
        shutil.copytree(source, folder)
        self.folder = folder

    def objects(self) -> list[Object]:
        found: list[Object] = []
        for file in sorted(self.folder.glob("*.yaml")):
            found += [document for document in yaml.safe_load_all(file.read_text()) if document]
        return found

    def contents(self) -> dict[str, str]:
        """Every file's text, to see whether anything was changed."""
        return {file.name: file.read_text() for file in self.folder.glob("*.yaml")}

    def write(self, file: str, *documents: Object) -> None:
        """The file has these objects, and no others, at once: written aside, then renamed."""
        self.write_text(file, yaml.safe_dump_all(documents, sort_keys=False))

    def write_text(self, file: str, text: str) -> None:
        aside = self.folder / f".{file}.new"
        aside.write_text(text)
        os.replace(aside, self.folder / file)

    def edit(self, kind: str, name: str, change: Callable[[Object], None]) -> None:
        """Changes one object in the file that has it."""
        for file in sorted(self.folder.glob("*.yaml")):
            documents = [document for document in yaml.safe_load_all(file.read_text()) if document]
            for document in documents:
                if document["kind"] == kind and document["metadata"]["name"] == name:
                    change(document)
                    self.write(file.name, *documents)
                    return
        raise KeyError(f"no {kind} {name} in {self.folder}")

    def set_spec(self, kind: str, name: str, **fields: Any) -> None:
        """Sets fields of spec; None removes one."""

        def change(document: Object) -> None:
            for key, value in fields.items():
                if value is None:
                    document["spec"].pop(key, None)
                else:
                    document["spec"][key] = value

        self.edit(kind, name, change)

    def add_label(self, kind: str, name: str, **labels: str) -> None:
        self.edit(kind, name, lambda document: document["metadata"]["labels"].update(labels))

    def delete(self, kind: str, name: str) -> None:
        """Removes one object; the file goes when it was the last one in it."""
        for file in sorted(self.folder.glob("*.yaml")):
            documents = [document for document in yaml.safe_load_all(file.read_text()) if document]
            left = [d for d in documents if (d["kind"], d["metadata"]["name"]) != (kind, name)]
            if len(left) == len(documents):
                continue
            if left:
                self.write(file.name, *left)
            else:
                file.unlink()
            return
        raise KeyError(f"no {kind} {name} in {self.folder}")

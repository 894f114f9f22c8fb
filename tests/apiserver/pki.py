"""Throw-away certificates by the openssl command: one authority, servers and clients signed by it."""

import pathlib
import subprocess


def _openssl(*args: str) -> None:
    done = subprocess.run(["openssl", *args], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"openssl {args[0]} failed: {done.stderr.strip()}")


class Authority:
    """A certificate authority in a folder. Files are NAME.crt and NAME.key; keys are mode 0600."""

    def __init__(self, folder: pathlib.Path, common_name: str = "lvs-test-ca"):
        self.folder = folder
        self.certificate = folder / "ca.crt"
        self._key = folder / "ca.key"
        if not self.certificate.exists():
            folder.mkdir(parents=True, exist_ok=True)
            _openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
                     "-noenc", "-days", "30", "-subj", f"/CN={common_name}",
                     "-addext", "keyUsage=critical,keyCertSign,cRLSign",
                     "-keyout", str(self._key), "-out", str(self.certificate))

    def _issue(self, name: str, subject: str, extensions: list[str]) -> tuple[pathlib.Path, pathlib.Path]:
        certificate, key = self.folder / f"{name}.crt", self.folder / f"{name}.key"
        request, config = self.folder / f"{name}.csr", self.folder / f"{name}.ext"
        _openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-noenc",
                 "-subj", subject, "-keyout", str(key), "-out", str(request))
        config.write_text("\n".join(extensions) + "\n")
        _openssl("x509", "-req", "-in", str(request), "-days", "30", "-CA", str(self.certificate),
                 "-CAkey", str(self._key), "-CAcreateserial", "-extfile", str(config),
                 "-out", str(certificate))
        request.unlink()
        config.unlink()
        return certificate, key

    def server(self, name: str, addresses: list[str], names: list[str]) -> tuple[pathlib.Path, pathlib.Path]:
        alternatives = [f"IP:{a}" for a in addresses] + [f"DNS:{n}" for n in names]
        return self._issue(name, f"/CN={name}", ["keyUsage=critical,digitalSignature",
                                                 "extendedKeyUsage=serverAuth",
                                                 "subjectAltName=" + ",".join(alternatives)])

    def client(self, name: str, groups: list[str]) -> tuple[pathlib.Path, pathlib.Path]:
        """A client certificate as Kubernetes reads it: CN is the user, each O a group."""
        subject = "".join(f"/O={g}" for g in groups) + f"/CN={name}"
        file_name = name.replace("/", "_").replace(":", "_")
        return self._issue(file_name, subject, ["keyUsage=critical,digitalSignature",
                                                "extendedKeyUsage=clientAuth"])

    def both(self, name: str, addresses: list[str]) -> tuple[pathlib.Path, pathlib.Path]:
        """A certificate for a program that is server and client."""
        return self._issue(name, f"/CN={name}", ["keyUsage=critical,digitalSignature",
                                                 "extendedKeyUsage=serverAuth,clientAuth",
                                                 "subjectAltName=" + ",".join(
                                                     [f"DNS:{name}"] + [f"IP:{a}" for a in addresses])])


def service_account_keys(folder: pathlib.Path) -> tuple[pathlib.Path, pathlib.Path]:
    """The key pair that signs service account tokens: (public, private)."""
    public, private = folder / "service-account.pub", folder / "service-account.key"
    if not private.exists():
        _openssl("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", str(private))
        _openssl("pkey", "-in", str(private), "-pubout", "-out", str(public))
    return public, private

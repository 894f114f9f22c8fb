#include <array>

#include "wire/codec.h"
#include "wire/codec_parts.h"

namespace lvs {
namespace {

using Json = nlohmann::json;

// How one kind of edit is called and read; what writes it stands beside what reads it.

void write(JsonWriter& out, const PutVip& edit) {
  out.member("edit", "putVip");
  out.member("address", edit.address.to_string());
  write_vip(out, edit.vip);
}
PlanEdit read_put_vip(Fields& in) {
  PutVip edit;
  edit.address = in.address("address");
  edit.vip = read_vip(in);
  return edit;
}

void write(JsonWriter& out, const RemoveVip& edit) {
  out.member("edit", "removeVip");
  out.member("address", edit.address.to_string());
}
PlanEdit read_remove_vip(Fields& in) { return RemoveVip{in.address("address")}; }

void write(JsonWriter& out, const PutDirector& edit) {
  out.member("edit", "putDirector");
  out.member("node", edit.node);
  write_director(out, edit.director);
}
PlanEdit read_put_director(Fields& in) {
  PutDirector edit;
  edit.node = in.text("node");
  edit.director = read_director(in);
  return edit;
}

void write(JsonWriter& out, const RemoveDirector& edit) {
  out.member("edit", "removeDirector");
  out.member("node", edit.node);
}
PlanEdit read_remove_director(Fields& in) { return RemoveDirector{in.text("node")}; }

void write(JsonWriter& out, const PutService& edit) {
  out.member("edit", "putService");
  write_service_key(out, edit.key);
  write_header(out, edit.header);
}
PlanEdit read_put_service(Fields& in) {
  PutService edit;
  edit.key = read_service_key(in);
  edit.header = read_header(in);
  return edit;
}

void write(JsonWriter& out, const RemoveService& edit) {
  out.member("edit", "removeService");
  write_service_key(out, edit.key);
}
PlanEdit read_remove_service(Fields& in) { return RemoveService{read_service_key(in)}; }

void write(JsonWriter& out, const PutDestination& edit) {
  out.member("edit", "putDestination");
  write_service_key(out, edit.service);
  write_destination_key(out, edit.destination.key);
  write_destination_config(out, edit.destination.config);
  if (edit.destination.admission != Admission::kAdmit) {
    out.member("admission", to_string(edit.destination.admission));
  }
}
PlanEdit read_put_destination(Fields& in) {
  PutDestination edit;
  edit.service = read_service_key(in);
  edit.destination.key = read_destination_key(in);
  edit.destination.config = read_destination_config(in);
  if (in.has("admission")) {
    const auto admission = parse_admission(in.text("admission"));
    if (!admission) in.refuse("admission", "must be admit, hold or keep");
    edit.destination.admission = admission.value_or(Admission::kAdmit);
  }
  return edit;
}

void write(JsonWriter& out, const RemoveDestination& edit) {
  out.member("edit", "removeDestination");
  write_service_key(out, edit.service);
  write_destination_key(out, edit.key);
}
PlanEdit read_remove_destination(Fields& in) {
  RemoveDestination edit;
  edit.service = read_service_key(in);
  edit.key = read_destination_key(in);
  return edit;
}

void write(JsonWriter& out, const PutBackend& edit) {
  out.member("edit", "putBackend");
  out.member("vip", edit.vip.to_string());
  write_backend(out, edit.backend);
}
PlanEdit read_put_backend(Fields& in) {
  PutBackend edit;
  edit.vip = in.address("vip");
  edit.backend = read_backend(in);
  return edit;
}

void write(JsonWriter& out, const RemoveBackend& edit) {
  out.member("edit", "removeBackend");
  out.member("vip", edit.vip.to_string());
}
PlanEdit read_remove_backend(Fields& in) { return RemoveBackend{in.address("vip")}; }

void write(JsonWriter& out, const PutWithdrawn& edit) {
  out.member("edit", "putWithdrawn");
  out.member("virtualService", object_text(edit.virtual_service));
}
PlanEdit read_put_withdrawn(Fields& in) { return PutWithdrawn{read_object(in, "virtualService")}; }

void write(JsonWriter& out, const RemoveWithdrawn& edit) {
  out.member("edit", "removeWithdrawn");
  out.member("virtualService", object_text(edit.virtual_service));
}
PlanEdit read_remove_withdrawn(Fields& in) {
  return RemoveWithdrawn{read_object(in, "virtualService")};
}

struct EditReader {
  std::string_view name;
  PlanEdit (*read)(Fields&);
};
constexpr std::array kReaders{
    EditReader{"putVip", read_put_vip},
    EditReader{"removeVip", read_remove_vip},
    EditReader{"putDirector", read_put_director},
    EditReader{"removeDirector", read_remove_director},
    EditReader{"putService", read_put_service},
    EditReader{"removeService", read_remove_service},
    EditReader{"putDestination", read_put_destination},
    EditReader{"removeDestination", read_remove_destination},
    EditReader{"putBackend", read_put_backend},
    EditReader{"removeBackend", read_remove_backend},
    EditReader{"putWithdrawn", read_put_withdrawn},
    EditReader{"removeWithdrawn", read_remove_withdrawn},
};
static_assert(kReaders.size() == std::variant_size_v<PlanEdit>);

class PatchSink final : public JsonStreamSink {
 public:
  Result<void> on_member(const std::string& key, Json value) override {
    scalars_[key] = std::move(value);
    return {};
  }
  Result<void> on_item(const std::string& section, std::size_t index, Json item) override {
    if (section != "edits") {
      return fail(ErrorCode::kInvalidArgument, "\"" + section + "\" is not known");
    }
    const std::string place = "edits[" + std::to_string(index) + "]";
    Fields fields(item, place);
    const auto name = fields.text("edit");
    if (name.empty()) return fields.finish();
    for (const auto& reader : kReaders) {
      if (reader.name != name) continue;
      auto edit = reader.read(fields);
      if (auto finished = fields.finish(); !finished) return finished;
      patch_.edits.push_back(std::move(edit));
      return {};
    }
    return fail(ErrorCode::kInvalidArgument, place + ".edit: \"" + name + "\" is not known");
  }
  Result<void> on_row(std::size_t, std::size_t, std::span<const RowCell>) override { return {}; }

  Result<PlanPatch> finish() {
    Fields fields(scalars_, "");
    read_version(fields);
    patch_.from = fields.hash("from");
    patch_.to = fields.hash("to");
    patch_.term = fields.number("term");
    if (auto finished = fields.finish(); !finished) return tl::unexpected<Error>(finished.error());
    return std::move(patch_);
  }

 private:
  Json scalars_ = Json::object();
  PlanPatch patch_;
};

Result<PlanPatch> read_patch(std::string_view json) {
  PatchSink sink;
  if (auto read = read_json_stream(json, false, sink); !read) {
    return tl::unexpected<Error>(read.error());
  }
  return sink.finish();
}

}  // namespace

std::string encode(const PlanPatch& patch) {
  JsonWriter out;
  out.begin_object();
  out.member("version", kWireVersion);
  out.member("from", patch.from.to_string());
  out.member("to", patch.to.to_string());
  out.member("term", patch.term);
  out.key("edits");
  out.begin_array();
  for (const auto& edit : patch.edits) {
    out.begin_object();
    std::visit([&](const auto& kind) { write(out, kind); }, edit);
    out.end_object();
  }
  out.end_array();
  out.end_object();
  return out.take();
}

Result<PlanPatch> decode_patch(std::string_view json) { return named("patch", read_patch(json)); }

}  // namespace lvs

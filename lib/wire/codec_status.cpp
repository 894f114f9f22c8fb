#include "wire/codec_status.h"

#include "wire/codec.h"
#include "wire/codec_parts.h"

namespace lvs {
namespace {

using Json = nlohmann::json;

void write_connections(JsonWriter& out, const ConnectionCounts& counts) {
  out.optional("active", counts.active);
  out.optional("inactive", counts.inactive);
  out.optional("persistent", counts.persistent);
}

ConnectionCounts read_connections(Fields& in) {
  ConnectionCounts counts;
  counts.active = static_cast<std::uint32_t>(in.optional_number("active", 0, 0xffff'ffff));
  counts.inactive = static_cast<std::uint32_t>(in.optional_number("inactive", 0, 0xffff'ffff));
  counts.persistent = static_cast<std::uint32_t>(in.optional_number("persistent", 0, 0xffff'ffff));
  return counts;
}

void write_election(JsonWriter& out, const ElectedVipReport& report) {
  out.optional("since", report.since);
  out.optional("takenBecause", report.taken_because);
  out.optional("previousHolder", report.previous_holder);
  out.optional("standby", report.standby);
  out.optional("concern", report.concern);
  out.optional("concernMessage", report.concern_message);
}
ElectedVipReport read_election(Fields& in) {
  return {in.optional_number("since"),        in.optional_text("takenBecause"),
          in.optional_text("previousHolder"), in.optional_text("standby"),
          in.optional_text("concern"),        in.optional_text("concernMessage")};
}

void write(JsonWriter& out, const VipReport& report) {
  out.member("address", report.address.to_string());
  out.optional("interface", report.interface);
  out.optional_flag("holder", report.holder);
  out.optional_flag("present", report.present);
  out.optional("term", report.term);
  out.optional("reason", report.reason);
  out.optional("message", report.message);
  write_election(out, report.election);
}
void read(Fields& in, VipReport& report) {
  report.address = in.address("address");
  report.interface = in.optional_text("interface");
  report.holder = in.optional_flag("holder");
  report.present = in.optional_flag("present");
  report.term = in.optional_number("term");
  report.reason = in.optional_text("reason");
  report.message = in.optional_text("message");
  report.election = read_election(in);
}

void write(JsonWriter& out, const BackendReport& report) {
  out.member("vip", report.vip.to_string());
  out.flag("prepared", report.prepared);
  out.optional("reason", report.reason);
  out.optional("message", report.message);
  if (report.server_address) write_backend(out, {*report.server_address, report.forwarding});
}
void read(Fields& in, BackendReport& report) {
  report.vip = in.address("vip");
  report.prepared = in.flag("prepared");
  report.reason = in.optional_text("reason");
  report.message = in.optional_text("message");
  if (!in.has("serverAddress")) return;
  const auto backend = read_backend(in);
  report.server_address = backend.server_address;
  report.forwarding = backend.forwarding;
}

void write(JsonWriter& out, const LingeringDestination& lingering) {
  write_service_key(out, lingering.service);
  write_destination_key(out, lingering.key);
  write_connections(out, lingering.connections);
}
void read(Fields& in, LingeringDestination& lingering) {
  lingering.service = read_service_key(in);
  lingering.key = read_destination_key(in);
  lingering.connections = read_connections(in);
}

void write(JsonWriter& out, const UnhealthyServer& unhealthy) {
  write_service_key(out, unhealthy.service);
  out.member("serverAddress", unhealthy.server.to_string());
  out.optional("why", unhealthy.why);
}
void read(Fields& in, UnhealthyServer& unhealthy) {
  unhealthy.service = read_service_key(in);
  unhealthy.server = in.address("serverAddress");
  unhealthy.why = in.optional_text("why");
}

void write(JsonWriter& out, const ProblemReport& problem) {
  out.member("object", problem.object);
  out.member("reason", problem.reason);
  out.optional("message", problem.message);
}
void read(Fields& in, ProblemReport& problem) {
  problem.object = in.text("object");
  problem.reason = in.text("reason");
  problem.message = in.optional_text("message");
}

void write(JsonWriter& out, const IpAddress& address) {
  out.member("address", address.to_string());
}
void read(Fields& in, IpAddress& address) { address = in.address("address"); }

template <typename Item>
void write_list(JsonWriter& out, std::string_view key, const std::vector<Item>& items) {
  out.key(key);
  out.begin_array();
  for (const auto& item : items) {
    out.begin_object();
    write(out, item);
    out.end_object();
  }
  out.end_array();
}

template <typename Item>
Result<void> read_list(Fields& in, std::string_view key, std::vector<Item>& items) {
  const auto* list = in.part(key);
  if (list == nullptr || !list->is_array()) {
    return fail(ErrorCode::kInvalidArgument, std::string(key) + ": must be a list");
  }
  for (std::size_t i = 0; i < list->size(); ++i) {
    const std::string place = std::string(key) + "[" + std::to_string(i) + "]";
    Fields fields((*list)[i], place);
    read(fields, items.emplace_back());
    if (auto finished = fields.finish(); !finished) return finished;
  }
  return {};
}

Result<void> read_lists(Fields& in, NodeStatus& status) {
  if (auto read = read_list(in, "vips", status.vips); !read) return read;
  if (auto read = read_list(in, "backends", status.backends); !read) return read;
  if (auto read = read_list(in, "lingering", status.lingering); !read) return read;
  if (auto read = read_list(in, "draining", status.draining); !read) return read;
  if (auto read = read_list(in, "offLink", status.off_link); !read) return read;
  if (auto read = read_list(in, "unhealthy", status.unhealthy); !read) return read;
  return read_list(in, "problems", status.problems);
}

Result<NodeStatus> parse_status(std::string_view text) {
  class Whole final : public JsonStreamSink {
   public:
    Result<void> on_member(const std::string& key, Json value) override {
      document[key] = std::move(value);
      return {};
    }
    Result<void> on_item(const std::string& section, std::size_t, Json item) override {
      document[section].push_back(std::move(item));
      return {};
    }
    Result<void> on_row(std::size_t, std::size_t, std::span<const RowCell>) override { return {}; }
    Json document{{"vips", Json::array()},      {"backends", Json::array()},
                  {"lingering", Json::array()}, {"draining", Json::array()},
                  {"offLink", Json::array()},   {"unhealthy", Json::array()},
                  {"problems", Json::array()}};
  } whole;
  if (auto read = read_json_stream(text, false, whole); !read) {
    return tl::unexpected<Error>(read.error());
  }
  return read_status(whole.document, "");
}

}  // namespace

void write_status(JsonWriter& out, const NodeStatus& status) {
  out.begin_object();
  out.member("version", kWireVersion);
  out.member("node", status.node);
  out.optional("agentVersion", status.agent_version);
  out.optional("instance", status.instance);
  out.member("storedPlan", status.stored_plan.to_string());
  out.member("appliedPlan", status.applied_plan.to_string());
  out.flag("hasPlan", status.has_plan);
  out.member("planTerm", status.plan_term);
  out.optional_flag("drained", status.drained);
  write_list(out, "vips", status.vips);
  write_list(out, "backends", status.backends);
  write_list(out, "lingering", status.lingering);
  write_list(out, "draining", status.draining);
  write_list(out, "offLink", status.off_link);
  write_list(out, "unhealthy", status.unhealthy);
  write_list(out, "problems", status.problems);
  out.end_object();
}

Result<NodeStatus> read_status(const Json& json, std::string_view place) {
  Fields fields(json, place);
  read_version(fields);
  NodeStatus status;
  status.node = fields.text("node");
  status.agent_version = fields.optional_text("agentVersion");
  status.instance = fields.optional_text("instance");
  status.stored_plan = fields.hash("storedPlan");
  status.applied_plan = fields.hash("appliedPlan");
  status.has_plan = fields.flag("hasPlan");
  status.plan_term = fields.number("planTerm");
  status.drained = fields.optional_flag("drained");
  if (auto lists = read_lists(fields, status); !lists) return tl::unexpected<Error>(lists.error());
  if (auto finished = fields.finish(); !finished) return tl::unexpected<Error>(finished.error());
  return status;
}

std::string encode(const NodeStatus& status) {
  JsonWriter out;
  write_status(out, status);
  return out.take();
}

Result<NodeStatus> decode_status(std::string_view json) {
  return named("status", parse_status(json));
}

}  // namespace lvs

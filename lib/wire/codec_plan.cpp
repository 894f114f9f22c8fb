#include "wire/codec.h"
#include "wire/codec_parts.h"

namespace lvs {
namespace {

using Json = nlohmann::json;

// A row of kRowKey: [address, port, weight, admission, forwarding, upper, lower], and what equals
// the default is left out at the end. A plan is mostly these, so they are short.
constexpr std::size_t kFewestCells = 3;
constexpr std::size_t kMostCells = 7;

std::size_t cells_needed(const PlannedDestination& destination) {
  const auto& config = destination.config;
  if (config.lower_threshold != 0) return 7;
  if (config.upper_threshold != 0) return 6;
  if (config.forwarding != ForwardingMethod::kDirectRouting) return 5;
  return destination.admission != Admission::kAdmit ? 4 : kFewestCells;
}

void write_row(JsonWriter& out, const PlannedDestination& destination) {
  const std::size_t cells = cells_needed(destination);
  out.begin_array();
  out.text(destination.key.address.to_string());
  out.number(destination.key.port);
  out.number(destination.config.weight);
  if (cells > 3) out.text(to_string(destination.admission));
  if (cells > 4) out.text(to_string(destination.config.forwarding));
  if (cells > 5) out.number(destination.config.upper_threshold);
  if (cells > 6) out.number(destination.config.lower_threshold);
  out.end_array();
}

void write_service(JsonWriter& out, const ServiceKey& key, const PlannedService& service) {
  out.begin_object();
  write_service_key(out, key);
  write_header(out, service.header);
  out.key(kRowKey);
  out.begin_array();
  for (const auto& destination : service.destinations) write_row(out, destination);
  out.end_array();
  out.end_object();
}

void write_sections(JsonWriter& out, const NodePlan& plan) {
  out.key("vips");
  out.begin_array();
  for (const auto& [address, vip] : plan.vips) {
    out.begin_object();
    out.member("address", address.to_string());
    write_vip(out, vip);
    out.end_object();
  }
  out.end_array();
  out.key("directors");
  out.begin_array();
  for (const auto& [node, director] : plan.directors) {
    out.begin_object();
    out.member("node", node);
    write_director(out, director);
    out.end_object();
  }
  out.end_array();
  out.key("backends");
  out.begin_array();
  for (const auto& [vip, backend] : plan.backends) {
    out.begin_object();
    out.member("vip", vip.to_string());
    write_backend(out, backend);
    out.end_object();
  }
  out.end_array();
  out.key("withdrawn");
  out.begin_array();
  for (const auto& object : plan.withdrawn) out.text(object_text(object));
  out.end_array();
}

tl::unexpected<Error> bad_row(std::size_t item, std::size_t row, const char* problem) {
  return fail(ErrorCode::kInvalidArgument, "services[" + std::to_string(item) + "].destinations[" +
                                               std::to_string(row) + "]: " + problem);
}

bool number_in(const RowCell& cell, std::uint64_t most) {
  return !cell.is_text && cell.number <= most;
}

Result<PlannedDestination> read_row(std::size_t item, std::size_t row,
                                    std::span<const RowCell> cells) {
  if (cells.size() < kFewestCells || cells.size() > kMostCells) {
    return bad_row(item, row, "must have 3 to 7 values");
  }
  PlannedDestination destination;
  const auto address = IpAddress::parse(cells[0].text);
  if (!address) return bad_row(item, row, "the first value must be an IP address");
  if (!number_in(cells[1], 0xffff)) return bad_row(item, row, "the port must be 0 to 65535");
  if (!number_in(cells[2], 0x7fff'ffff)) return bad_row(item, row, "the weight is out of range");
  destination.key = {*address, static_cast<std::uint16_t>(cells[1].number)};
  destination.config.weight = static_cast<std::uint32_t>(cells[2].number);
  if (cells.size() > 3) {
    const auto admission = parse_admission(cells[3].text);
    if (!admission) return bad_row(item, row, "the admission must be admit, hold or keep");
    destination.admission = *admission;
  }
  if (cells.size() > 4) {
    const auto forwarding = parse_forwarding(cells[4].text);
    if (!forwarding) return bad_row(item, row, "the forwarding method is not known");
    destination.config.forwarding = *forwarding;
  }
  for (std::size_t i = 5; i < cells.size(); ++i) {
    if (!number_in(cells[i], 0xffff'ffff)) return bad_row(item, row, "a threshold is out of range");
    (i == 5 ? destination.config.upper_threshold : destination.config.lower_threshold) =
        static_cast<std::uint32_t>(cells[i].number);
  }
  return destination;
}

class PlanSink final : public JsonStreamSink {
 public:
  Result<void> on_member(const std::string& key, Json value) override {
    if (is_section(key)) return fail(ErrorCode::kInvalidArgument, key + ": must be a list");
    scalars_[key] = std::move(value);
    return {};
  }

  Result<void> on_item(const std::string& section, std::size_t index, Json item) override {
    const std::string place = section + "[" + std::to_string(index) + "]";
    if (section == "services") return add_service(item, place);
    if (section == "withdrawn") return add_withdrawn(item, place);
    Fields fields(item, place);
    bool in_order = true;
    if (section == "vips") {
      const auto address = fields.address("address");
      in_order = append(plan_.vips, address, read_vip(fields));
    } else if (section == "directors") {
      const auto node = fields.text("node");
      in_order = append(plan_.directors, node, read_director(fields));
    } else if (section == "backends") {
      const auto vip = fields.address("vip");
      in_order = append(plan_.backends, vip, read_backend(fields));
    } else {
      return fail(ErrorCode::kInvalidArgument, "\"" + section + "\" is not known");
    }
    if (auto finished = fields.finish(); !finished) return finished;
    return ordered(in_order, place);
  }

  Result<void> on_row(std::size_t item, std::size_t row, std::span<const RowCell> cells) override {
    auto destination = read_row(item, row, cells);
    if (!destination) return tl::unexpected<Error>(destination.error());
    if (!rows_.empty() && !(rows_.back().key < destination->key)) {
      return bad_row(item, row, "must come after the one before it, by address and port");
    }
    rows_.push_back(*destination);
    return {};
  }

  Result<NodePlan> finish() {
    Fields fields(scalars_, "");
    read_version(fields);
    plan_.node = fields.text("node");
    plan_.term = fields.number("term");
    plan_.accept_mass_deletion = fields.optional_flag("acceptMassDeletion");
    if (auto finished = fields.finish(); !finished) return tl::unexpected<Error>(finished.error());
    return std::move(plan_);
  }

 private:
  static bool is_section(const std::string& key) {
    return key == "vips" || key == "directors" || key == "backends" || key == "withdrawn" ||
           key == "services";
  }
  static Result<void> ordered(bool in_order, const std::string& place) {
    if (in_order) return {};
    return fail(ErrorCode::kInvalidArgument, place + ": must come after the one before it");
  }
  template <typename Map, typename Key, typename Value>
  static bool append(Map& map, const Key& key, Value value) {
    const bool in_order = map.empty() || map.rbegin()->first < key;
    map.emplace_hint(map.end(), key, std::move(value));
    return in_order;
  }

  Result<void> add_service(const Json& item, const std::string& place) {
    Fields fields(item, place);
    const auto key = read_service_key(fields);
    PlannedService service;
    service.header = read_header(fields);
    service.destinations.assign(rows_.begin(), rows_.end());  // exactly as large as needed
    rows_.clear();
    const bool in_order =
        append(plan_.services, key, std::make_shared<const PlannedService>(std::move(service)));
    if (auto finished = fields.finish(); !finished) return finished;
    return ordered(in_order, place);
  }

  Result<void> add_withdrawn(const Json& item, const std::string& place) {
    const auto object = item.is_string() ? parse_object(item.get_ref<const std::string&>())
                                         : fail(ErrorCode::kInvalidArgument, "must be text");
    if (!object) return fail_at(place, object.error());
    const bool in_order = plan_.withdrawn.empty() || *plan_.withdrawn.rbegin() < *object;
    plan_.withdrawn.insert(*object);
    return ordered(in_order, place);
  }

  Json scalars_ = Json::object();
  std::vector<PlannedDestination> rows_;
  NodePlan plan_;
};

Result<NodePlan> read_plan(std::string_view json) {
  PlanSink sink;
  if (auto read = read_json_stream(json, true, sink); !read) {
    return tl::unexpected<Error>(read.error());
  }
  return sink.finish();
}

}  // namespace

std::string encode(const NodePlan& plan) {
  JsonWriter out;
  out.begin_object();
  out.member("version", kWireVersion);
  out.member("node", plan.node);
  out.member("term", plan.term);
  out.optional_flag("acceptMassDeletion", plan.accept_mass_deletion);
  write_sections(out, plan);
  out.key("services");
  out.begin_array();
  for (const auto& [key, service] : plan.services) write_service(out, key, *service);
  out.end_array();
  out.end_object();
  return out.take();
}

Result<NodePlan> decode_plan(std::string_view json) { return named("plan", read_plan(json)); }

}  // namespace lvs

#include "wire/codec.h"
#include "wire/codec_parts.h"
#include "wire/codec_status.h"

namespace lvs {
namespace {

using Json = nlohmann::json;

constexpr std::uint64_t kLongestMs = std::uint64_t{1} << 53U;

void write_traffic(JsonWriter& out, const TrafficCounters& traffic) {
  out.optional("connections", traffic.connections);
  out.optional("packetsIn", traffic.packets_in);
  out.optional("packetsOut", traffic.packets_out);
  out.optional("bytesIn", traffic.bytes_in);
  out.optional("bytesOut", traffic.bytes_out);
}
TrafficCounters read_traffic(Fields& in) {
  return {in.optional_number("connections"), in.optional_number("packetsIn"),
          in.optional_number("packetsOut"), in.optional_number("bytesIn"),
          in.optional_number("bytesOut")};
}

void write_destination(JsonWriter& out, const ObservedDestination& destination) {
  out.begin_object();
  write_destination_key(out, destination.key);
  write_destination_config(out, destination.config);
  out.optional("active", destination.connections.active);
  out.optional("inactive", destination.connections.inactive);
  out.optional("persistent", destination.connections.persistent);
  write_traffic(out, destination.traffic);
  out.end_object();
}
Result<ObservedDestination> read_destination(const Json& json, const std::string& place) {
  Fields fields(json, place);
  ObservedDestination destination;
  destination.key = read_destination_key(fields);
  destination.config = read_destination_config(fields);
  const auto count = [&](std::string_view key) {
    return static_cast<std::uint32_t>(fields.optional_number(key, 0, 0xffff'ffff));
  };
  destination.connections = {count("active"), count("inactive"), count("persistent")};
  destination.traffic = read_traffic(fields);
  if (auto finished = fields.finish(); !finished) return tl::unexpected<Error>(finished.error());
  return destination;
}

void write_service(JsonWriter& out, const ObservedService& service) {
  out.begin_object();
  write_service_key(out, service.key);
  write_service_config(out, service.config);
  out.flag("owned", service.owned);
  write_traffic(out, service.traffic);
  out.key("destinations");
  out.begin_array();
  for (const auto& destination : service.destinations) write_destination(out, destination);
  out.end_array();
  out.end_object();
}
Result<void> read_service(const Json& json, const std::string& place, NodeState& state) {
  Fields fields(json, place);
  ObservedService service;
  service.key = read_service_key(fields);
  service.config = read_service_config(fields);
  service.owned = fields.flag("owned");
  service.traffic = read_traffic(fields);
  const auto* list = fields.part("destinations");
  if (list == nullptr || !list->is_array()) fields.refuse("destinations", "must be a list");
  if (auto finished = fields.finish(); !finished) return finished;
  for (std::size_t i = 0; i < list->size(); ++i) {
    auto read = read_destination((*list)[i], place + ".destinations[" + std::to_string(i) + "]");
    if (!read) return tl::unexpected<Error>(read.error());
    service.destinations.push_back(*read);
  }
  state.services.push_back(std::move(service));
  return {};
}

void write_address(JsonWriter& out, const ObservedAddress& address) {
  out.begin_object();
  out.member("address", address.address.to_string());
  out.member("prefixLength", static_cast<std::uint64_t>(address.prefix_length));
  out.member("interface", address.interface);
  out.flag("owned", address.owned);
  out.optional("validSeconds", address.valid_seconds);
  out.optional_flag("duplicateDetected", address.duplicate_detected);
  out.end_object();
}
Result<void> read_address(const Json& json, const std::string& place, NodeState& state) {
  Fields fields(json, place);
  ObservedAddress address;
  address.address = fields.address("address");
  address.prefix_length = static_cast<int>(fields.number("prefixLength", 128));
  address.interface = fields.text("interface");
  address.owned = fields.flag("owned");
  address.valid_seconds =
      static_cast<std::uint32_t>(fields.optional_number("validSeconds", 0, 0xffff'ffff));
  address.duplicate_detected = fields.optional_flag("duplicateDetected");
  if (auto finished = fields.finish(); !finished) return finished;
  state.addresses.push_back(std::move(address));
  return {};
}

void write_arp(JsonWriter& out, const ObservedArp& arp) {
  out.begin_object();
  out.member("interface", arp.interface);
  out.member("ignore", static_cast<std::uint64_t>(arp.ignore));
  out.member("announce", static_cast<std::uint64_t>(arp.announce));
  out.member("allIgnore", static_cast<std::uint64_t>(arp.all_ignore));
  out.member("allAnnounce", static_cast<std::uint64_t>(arp.all_announce));
  out.end_object();
}
Result<void> read_arp(const Json& json, const std::string& place, NodeState& state) {
  Fields fields(json, place);
  const auto value = [&](std::string_view key) {
    return static_cast<int>(fields.number(key, 0x7fff'ffff));
  };
  ObservedArp arp{fields.text("interface"), value("ignore"), value("announce"), value("allIgnore"),
                  value("allAnnounce")};
  if (auto finished = fields.finish(); !finished) return finished;
  state.arp.push_back(std::move(arp));
  return {};
}

void write_peer(JsonWriter& out, const PeerReport& peer) {
  out.begin_object();
  out.member("node", peer.node);
  out.flag("heard", peer.heard);
  out.flag("warm", peer.warm);
  out.flag("available", peer.available);
  out.member("roundTripMs", static_cast<std::uint64_t>(peer.round_trip.count()));
  if (peer.last_heard) {
    out.member("lastHeardMs", static_cast<std::uint64_t>(peer.last_heard->count()));
  }
  out.member("received", peer.received);
  out.member("lost", peer.lost);
  out.member("ignored", peer.ignored);
  out.end_object();
}
Result<void> read_peer(const Json& json, const std::string& place, NodeState& state) {
  Fields fields(json, place);
  const auto duration = [&](std::string_view key) {
    return Duration{static_cast<Duration::rep>(fields.number(key, kLongestMs))};
  };
  PeerReport peer{fields.text("node"),       fields.flag("heard"),    fields.flag("warm"),
                  fields.flag("available"),  duration("roundTripMs"), std::nullopt,
                  fields.number("received"), fields.number("lost"),   fields.number("ignored")};
  if (fields.has("lastHeardMs")) peer.last_heard = duration("lastHeardMs");
  if (auto finished = fields.finish(); !finished) return finished;
  state.peers.push_back(std::move(peer));
  return {};
}

void write_heartbeats(JsonWriter& out, const HeartbeatCounts& counts) {
  out.begin_object();
  out.member("sent", counts.sent);
  out.member("received", counts.received);
  out.key("troubles");
  out.begin_object();
  for (const auto& [trouble, count] : counts.troubles) out.member(trouble, count);
  out.end_object();
  out.end_object();
}
Result<HeartbeatCounts> read_heartbeats(const Json& json) {
  Fields fields(json, "heartbeats");
  HeartbeatCounts counts{fields.number("sent"), fields.number("received"), {}};
  const auto* troubles = fields.part("troubles");
  if (troubles == nullptr || !troubles->is_object()) {
    fields.refuse("troubles", "must be an object");
  } else {
    for (const auto& [trouble, count] : troubles->items()) {
      if (!count.is_number_unsigned())
        fields.refuse("troubles", "must be whole numbers");
      else
        counts.troubles[trouble] = count.get<std::uint64_t>();
    }
  }
  if (auto finished = fields.finish(); !finished) return tl::unexpected<Error>(finished.error());
  return counts;
}

class StateSink final : public JsonStreamSink {
 public:
  Result<void> on_member(const std::string& key, Json value) override {
    if (key == "version" && value == kWireVersion) return {};
    if (key == "heartbeats") return take_heartbeats(value);
    if (key != "status") return fail(ErrorCode::kInvalidArgument, key + ": is not known");
    auto status = read_status(value, key);
    if (!status) return tl::unexpected<Error>(status.error());
    state_.status = std::move(*status);
    has_status_ = true;
    return {};
  }
  Result<void> on_item(const std::string& section, std::size_t index, Json item) override {
    const std::string place = section + "[" + std::to_string(index) + "]";
    if (section == "services") return read_service(item, place, state_);
    if (section == "addresses") return read_address(item, place, state_);
    if (section == "arp") return read_arp(item, place, state_);
    if (section == "peers") return read_peer(item, place, state_);
    if (section == "pending" && item.is_string()) {
      state_.pending.push_back(item.get<std::string>());
      return {};
    }
    return fail(ErrorCode::kInvalidArgument, place + ": is not known");
  }
  Result<void> on_row(std::size_t, std::size_t, std::span<const RowCell>) override { return {}; }

  Result<NodeState> finish() {
    if (!has_status_) return fail(ErrorCode::kInvalidArgument, "status: is missing");
    return std::move(state_);
  }

 private:
  Result<void> take_heartbeats(const Json& value) {
    auto counts = read_heartbeats(value);
    if (!counts) return tl::unexpected<Error>(counts.error());
    state_.heartbeats = std::move(*counts);
    return {};
  }

  bool has_status_ = false;
  NodeState state_;
};

Result<NodeState> read_state(std::string_view json) {
  StateSink sink;
  if (auto read = read_json_stream(json, false, sink, kMaxStateBytes); !read) {
    return tl::unexpected<Error>(read.error());
  }
  return sink.finish();
}

template <typename Item>
void write_list(JsonWriter& out, std::string_view key, const std::vector<Item>& items,
                void (*write)(JsonWriter&, const Item&)) {
  out.key(key);
  out.begin_array();
  for (const auto& item : items) write(out, item);
  out.end_array();
}

}  // namespace

std::string encode(const NodeState& state) {
  JsonWriter out;
  out.begin_object();
  out.member("version", kWireVersion);
  out.key("status");
  write_status(out, state.status);
  write_list(out, "services", state.services, write_service);
  write_list(out, "addresses", state.addresses, write_address);
  write_list(out, "arp", state.arp, write_arp);
  write_list(out, "peers", state.peers, write_peer);
  out.key("heartbeats");
  write_heartbeats(out, state.heartbeats);
  out.key("pending");
  out.begin_array();
  for (const auto& line : state.pending) out.text(line);
  out.end_array();
  out.end_object();
  return out.take();
}

Result<NodeState> decode_state(std::string_view json) { return named("state", read_state(json)); }

}  // namespace lvs

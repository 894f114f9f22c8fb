#include "agent/live_ports.h"

#include <cstdlib>

#include "kube/kubeconfig.h"
#include "telemetry/log.h"

namespace lvs {

Result<std::unique_ptr<LivePorts>> LivePorts::open(const AgentConfig& config, const Post& post) {
  std::unique_ptr<LivePorts> ports(new LivePorts(config, post));
  if (auto opened = ports->open_heartbeats(config, post); !opened) {
    return tl::unexpected(opened.error());
  }
  ports->open_prober(post);
  if (auto opened = ports->open_leases(config, post); !opened) {
    return tl::unexpected(opened.error());
  }
  return ports;
}

Result<void> LivePorts::open_heartbeats(const AgentConfig& config, const Post& post) {
  if (config.heartbeat_key_file.empty()) return {};
  auto port = HeartbeatPort::open(
      {config.node, {}, config.heartbeat_port, config.heartbeat_key_file},
      [post](Heartbeat heartbeat) { post(HeartbeatReceived{std::move(heartbeat)}); });
  if (!port) return tl::unexpected(port.error());
  heartbeats_ = std::move(*port);
  return {};
}

void LivePorts::open_prober(const Post& post) {
  auto prober = WireProber::open(
      [post](WireEvent event) { std::visit([&](const auto& each) { post(each); }, event); },
      [this](int link) { segments_.heard(link); });
  if (prober) {
    prober_ = std::move(*prober);
  } else {
    log_warning("the wire cannot be asked who has a VIP; this node takes none over from others",
                {{"error", prober.error().message}});
  }
}

Result<void> LivePorts::open_leases(const AgentConfig& config, const Post& post) {
  if (!config.election.leases) return {};
  const auto connection = find_kube_connection({config.kubeconfig, "", false},
                                               [](const char* name) { return std::getenv(name); });
  if (!connection) return tl::unexpected(connection.error());
  auto http = make_http_client(connection->server, connection->http);
  if (!http) return tl::unexpected(http.error());
  api_ = std::make_unique<ApiClient>(std::shared_ptr<HttpClient>(std::move(*http)));
  leases_ = std::make_unique<Leases>(
      *api_,
      LeaseOptions{config.lease_namespace, config.node, config.election.director_lease,
                   config.election.director_lease},
      post);
  return {};
}

void LivePorts::set_peers(const std::map<std::string, PlannedDirector>& peers) {
  peers_.clear();
  directors_.clear();
  heartbeat_peers_.clear();
  for (const auto& [node, director] : peers) {
    peers_.push_back(node);
    for (const IpAddress& address : director.addresses) {
      heartbeat_peers_[node].push_back({address, heartbeat_port_});
      directors_.insert(address);
    }
  }
  find_sources();
}

void LivePorts::watch(const std::map<IpAddress, VipPlace>& addresses) {
  places_ = addresses;
  std::set<IpAddress> elected = directors_;
  for (const auto& [address, place] : addresses) elected.insert(address);
  segments_.set_elected(std::move(elected));
  find_sources();
  tell_hardware();
  if (!prober_) return;
  std::vector<WatchedVip> watched;
  watched.reserve(addresses.size());
  for (const auto& [address, place] : addresses) watched.push_back({address, place.link});
  if (auto done = prober_->watch(watched); !done) {
    log_warning("cannot listen for VIPs", {{"error", done.error().message}});
  }
}

// An IPv6 VIP is born deprecated and never chosen as a source.
void LivePorts::find_sources() {
  std::set<IpAddress> own;
  for (const IpAddress& director : directors_) {
    const auto place = places_.find(director);
    if (place == places_.end() || director.family() != Family::kV4) continue;
    if (place->second.asks_from) own.insert(*place->second.asks_from);
  }
  std::vector<HeartbeatAddress>& sources = heartbeat_peers_[node_];
  sources.clear();
  for (const IpAddress& address : own) sources.push_back({address, 0});
  if (heartbeats_) heartbeats_->set_peers(heartbeat_peers_);
}

// An interface may get another one while the agent runs; by it the others know who answers.
void LivePorts::tell_hardware() {
  for (const auto& [address, place] : places_) {
    const HardwareAddress& own = place.link.hardware_address;
    if (own != HardwareAddress{} && told_.insert(own).second) post_(HardwareLearnt{node_, own});
  }
}

void LivePorts::send(const Heartbeat& heartbeat) {
  if (heartbeats_) heartbeats_->send(heartbeat);
}

bool LivePorts::ask(const IpAddress& address) {
  const auto place = places_.find(address);
  if (place == places_.end()) return true;  // of a VIP with one candidate nobody else can speak
  if (prober_ == nullptr) return false;
  const VipPlace& at = place->second;
  if (!directors_.contains(address) && !segments_.carries(address, at, *prober_)) return false;
  return prober_->ask(address, at.link, at.asks_from).has_value();
}

void LivePorts::read_lease(const IpAddress& vip) {
  if (leases_) leases_->read(vip);
}

void LivePorts::claim_lease(const ClaimLease& claim) {
  if (leases_) leases_->claim(claim);
}

void LivePorts::renew_director_lease() {
  if (leases_) leases_->renew(peers_);
}

HeartbeatStats LivePorts::heartbeat_stats() const {
  return heartbeats_ ? heartbeats_->stats() : HeartbeatStats{};
}

}  // namespace lvs

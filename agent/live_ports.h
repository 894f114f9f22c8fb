// The election's ports to the real world: heartbeats, packet sockets, Leases. What cannot be opened
// is missing, and said in the log; the election goes by the witnesses that are left.
//
// Threads: the agent loop calls; `post` is called on the ports' own threads.
#pragma once

#include <memory>

#include "agent/config.h"
#include "agent/election/heartbeat_port.h"
#include "agent/election/wire_prober.h"
#include "agent/election_ports.h"
#include "agent/leases.h"
#include "agent/segment_probe.h"

namespace lvs {

class LivePorts final : public ElectionPorts {
 public:
  using Post = std::function<void(ElectionEvent)>;

  // An error where what was asked for by an option cannot be had: a key file that is none, a
  // kubeconfig that does not load.
  static Result<std::unique_ptr<LivePorts>> open(const AgentConfig& config, const Post& post);

  [[nodiscard]] bool hears_others() const override { return heartbeats_ != nullptr; }
  void set_peers(const std::map<std::string, PlannedDirector>& peers) override;
  void watch(const std::map<IpAddress, VipPlace>& addresses) override;
  void send(const Heartbeat& heartbeat) override;
  bool ask(const IpAddress& address) override;
  void read_lease(const IpAddress& vip) override;
  void claim_lease(const ClaimLease& claim) override;
  void renew_director_lease() override;
  [[nodiscard]] HeartbeatStats heartbeat_stats() const override;

 private:
  LivePorts(const AgentConfig& config, Post post)
      : post_(std::move(post)), node_(config.node), heartbeat_port_(config.heartbeat_port) {}
  Result<void> open_heartbeats(const AgentConfig& config, const Post& post);
  void open_prober(const Post& post);
  Result<void> open_leases(const AgentConfig& config, const Post& post);
  void find_sources();
  void tell_hardware();

  const Post post_;
  std::string node_;
  std::uint16_t heartbeat_port_;
  std::map<IpAddress, VipPlace> places_;
  std::vector<std::string> peers_;
  std::set<IpAddress> directors_;   // their own addresses
  HeartbeatPeers heartbeat_peers_;  // and this node, with the addresses to send from
  std::set<HardwareAddress> told_;  // of this node
  SegmentProbe segments_;
  std::unique_ptr<ApiClient> api_;
  // Destroyed first: their threads post.
  std::unique_ptr<HeartbeatPort> heartbeats_;
  std::unique_ptr<WireProber> prober_;
  std::unique_ptr<Leases> leases_;
};

}  // namespace lvs

// A kernel in memory that refuses what the real one refuses, with the same errno. It passes the
// same contract suite (tests/contract).
//
// Kept out: traffic (set counters by hand), time (lifetimes do not run down), modules, mh's table
// size.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "agent/kernel/kernel.h"

namespace lvs::testing {

class FakeKernel final : public Kernel {
 public:
  // With lo, up.
  FakeKernel();

  Result<std::vector<ObservedService>> dump_services() override;
  Result<std::vector<ObservedDestination>> dump_destinations(const ServiceKey& service) override;
  Result<ObservedNetwork> dump_network() override;
  Result<ObservedPaths> dump_paths() override;
  Result<std::set<IpAddress>> off_link(const std::set<IpAddress>& addresses) override;
  Result<ObservedSync> dump_sync() override;
  ApplyReport apply(std::span<const Operation> operations) override;
  void tell_connections(const std::set<IpAddress>& vips, const SyncDaemon& master) override;

  // --- What others put there, and what the machine is.
  void put_foreign_service(const ServiceKey& key, const ServiceConfig& config,
                           const std::vector<ObservedDestination>& destinations = {});
  // The destination must be there.
  void set_connections(const ServiceKey& service, const DestinationKey& key,
                       const ConnectionCounts& connections, const TrafficCounters& traffic = {});
  // An Ethernet interface, up, with carrier.
  void add_link(const std::string& name);
  void set_link_state(const std::string& name, bool up, bool carrier);
  void remove_link(const std::string& name);  // its addresses go with it
  void put_foreign_address(const IpAddress& address, int prefix_length,
                           const std::string& interface);
  void remove_address(const IpAddress& address, const std::string& interface);  // whosever it is
  // A route without a gateway, beside those of the addresses' networks.
  void add_direct_route(const IpNetwork& network) { direct_routes_.push_back(network); }
  void set_arp(const std::string& interface, int ignore, int announce);
  void set_accept_local(const std::string& interface, int value) {
    accept_local_[interface] = value;
  }
  [[nodiscard]] int accept_local(const std::string& interface) const {
    const auto at = accept_local_.find(interface);
    return at == accept_local_.end() ? 0 : at->second;
  }
  void set_all_arp(int ignore, int announce);
  void put_foreign_daemon(const SyncDaemon& daemon);
  void put_setting(const std::string& name, const std::string& value) { settings_[name] = value; }
  void forget_scheduler(const std::string& name);  // its module cannot be loaded
  void forget_nftables() { nftables_ = false; }    // its module cannot be loaded

  // --- Faults, scripted.
  // The n-th operation from now (0: the next one) is refused with `error_number`.
  void fail_operation(std::size_t n, int error_number);
  // The next apply() loses its answers: everything takes effect (those that may), nothing is said.
  void lose_answers_of_next_apply() { lose_answers_ = true; }
  // The next apply() breaks off after `count` operations, in doubt.
  void cut_next_apply_after(std::size_t count) { cut_after_ = count; }
  void fail_next_dump(Error error) { dump_errors_.push_back(std::move(error)); }

  // --- What was asked of it.
  [[nodiscard]] const std::vector<Operation>& operations() const { return operations_; }
  [[nodiscard]] std::size_t apply_calls() const { return apply_calls_; }
  [[nodiscard]] std::size_t service_dumps() const { return service_dumps_; }
  [[nodiscard]] std::size_t destination_dumps() const { return destination_dumps_; }
  [[nodiscard]] std::size_t network_dumps() const { return network_dumps_; }
  // VIPs whose connections were told to the other directors, and by which daemon.
  [[nodiscard]] const std::vector<std::pair<IpAddress, SyncDaemon>>& told() const { return told_; }
  // Schedulers that took another's place while clients could be refused for it.
  [[nodiscard]] std::size_t exposed_changes() const { return exposed_changes_; }
  void forget_history();

  // The whole table as `ipvsadm -Sn` prints it, foreign services included.
  [[nodiscard]] std::string table() const;

 private:
  struct Service {
    ServiceConfig config;
    bool owned = false;
    std::map<DestinationKey, ObservedDestination> destinations;
  };

  std::optional<Error> take_dump_error();
  int carry_out(const Operation& operation);
  int take_scripted_error();

  int change(const NewService& o);
  int change(const SetService& o);
  int change(const DeleteService& o);
  int change(const NewDestination& o);
  int change(const SetDestination& o);
  int change(const DeleteDestination& o);
  int change(const AddAddress& o);
  int change(const DeleteAddress& o);
  int change(const SetArp& o);
  int change(const SetAcceptLocal& o);
  int change(const SetLocalDelivery& o);
  int change(const StartSyncDaemon& o);
  int change(const StopSyncDaemon& o);
  int change(const SetIpvsSetting& o);

  [[nodiscard]] bool has_mixed_families() const;
  [[nodiscard]] int check_config(const ServiceKey& key, const ServiceConfig& config) const;
  [[nodiscard]] ObservedLink* find_link(const std::string& name);
  [[nodiscard]] std::vector<ObservedAddress>::iterator find_address(const IpAddress& address,
                                                                    const std::string& interface);

  std::map<ServiceKey, Service> services_;
  std::vector<ObservedLink> links_;
  std::vector<ObservedAddress> addresses_;
  std::vector<IpNetwork> direct_routes_;
  std::map<std::string, ObservedArp> arp_;
  std::map<std::string, int> accept_local_;
  int all_ignore_ = 0;
  int all_announce_ = 0;
  int next_link_index_ = 1;
  LocalDelivery local_delivery_;
  std::map<SyncRole, SyncDaemon> daemons_;
  IpvsSettings settings_{{kSyncThreshold, "3 50"}, {kSyncRefreshPeriod, "0"},
                         {kSyncRetries, "0"},      {kSyncPorts, "1"},
                         {kBackupOnly, "0"},       {kSloppyTcp, "0"},
                         {kExpireNodestConn, "0"}, {kExpireQuiescentTemplate, "0"}};
  std::set<std::string> missing_schedulers_;
  bool nftables_ = true;

  std::map<std::size_t, int> scripted_errors_;  // by number of operations from the beginning
  std::size_t operation_count_ = 0;
  bool lose_answers_ = false;
  std::optional<std::size_t> cut_after_;
  std::deque<Error> dump_errors_;

  std::vector<Operation> operations_;
  std::vector<std::pair<IpAddress, SyncDaemon>> told_;
  std::size_t exposed_changes_ = 0;
  std::size_t apply_calls_ = 0;
  std::size_t service_dumps_ = 0;
  std::size_t destination_dumps_ = 0;
  std::size_t network_dumps_ = 0;
};

}  // namespace lvs::testing

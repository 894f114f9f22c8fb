// The Leases by which the API server grants VIPs: one per VIP, written only when it moves, and one
// per director, renewed while it lives. Reads and writes here, decisions in core/election.
//
// Threads: the calls come from one; each returns at once. The work is done on threads of its own, a
// VIP always on the same one, the director's own Lease on one that nothing else delays. `post` is
// called there.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "agent/lease_reader.h"
#include "base/mailbox.h"
#include "core/election/action.h"
#include "core/election/event.h"
#include "kube/lease.h"

namespace lvs {

// "lvs-vip-192-0-2-1", "lvs-vip-2001-db8--1".
[[nodiscard]] std::string vip_lease_name(const IpAddress& vip);
// "lvs-director-NODE".
[[nodiscard]] std::string director_lease_name(const std::string& node);

struct LeaseOptions {
  std::string ns;
  std::string node;     // this one
  Duration timeout{0};  // of one call
  Duration director_lease{0};
};

class Leases {
 public:
  using Post = std::function<void(ElectionEvent)>;

  // `client` must outlive it.
  Leases(ApiClient& client, LeaseOptions options, Post post);
  ~Leases();
  Leases(const Leases&) = delete;
  Leases& operator=(const Leases&) = delete;

  // LeaseSeen, if the server answers.
  void read(const IpAddress& vip);
  // LeaseGranted, or LeaseRefused and then LeaseSeen; nothing where the server is silent.
  void claim(const ClaimLease& claim);
  // And looks whether the peers renew theirs: DirectorLeaseSeen.
  void renew(std::vector<std::string> peers);

 private:
  using Job = std::function<void(LeaseClient&)>;
  struct Worker {
    Mailbox<Job> jobs;  // an empty one ends it
    std::thread thread;
  };
  struct SeenLease {
    std::string version;
    int unchanged = 0;  // looks in a row
  };

  void work(Worker& worker);
  Worker& worker_of(const IpAddress& vip);
  [[nodiscard]] LeaseReader::Ways ways_to_read();
  void read_now(LeaseClient& client, const IpAddress& vip);
  void claim_now(LeaseClient& client, const ClaimLease& claim);
  void renew_now(LeaseClient& client, const std::vector<std::string>& peers);
  [[nodiscard]] Result<Lease> renew_own(LeaseClient& client);
  void note(const Error* error);

  ApiClient& client_;
  LeaseOptions options_;
  Post post_;
  std::vector<std::unique_ptr<Worker>> workers_;
  Worker director_;
  // Outlives the workers' threads, which tell it of claims.
  std::unique_ptr<LeaseReader> reader_;
  // Of the director's thread alone.
  std::optional<Lease> own_;
  std::map<std::string, SeenLease> seen_;
  bool silent_ = false;
};

}  // namespace lvs

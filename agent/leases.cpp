#include "agent/leases.h"

#include <algorithm>
#include <chrono>
#include <functional>

#include "telemetry/log.h"

namespace lvs {
namespace {

// VIPs that move at once wait for each other no more than this allows.
constexpr std::size_t kWorkers = 8;
constexpr Duration kIdle{60'000};
// A director whose Lease did not change over so many looks is not renewing it.
constexpr int kStaleLooks = 3;

std::string now_text() { return format_micro_time(std::chrono::system_clock::now()); }

LeaseView view_of(const Lease& lease) {
  return {lease.resource_version, lease.holder, lease.transitions};
}

}  // namespace

std::string vip_lease_name(const IpAddress& vip) {
  std::string text = vip.to_string();
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c == '.' || c == ':'; }, '-');
  // A name must end in a letter or a digit.
  return "lvs-vip-" + text + (text.back() == '-' ? "0" : "");
}

std::string director_lease_name(const std::string& node) { return "lvs-director-" + node; }

Leases::Leases(ApiClient& client, LeaseOptions options, Post post)
    : client_(client), options_(std::move(options)), post_(std::move(post)) {
  for (std::size_t i = 0; i < kWorkers; ++i) workers_.push_back(std::make_unique<Worker>());
  for (auto& worker : workers_) {
    worker->thread = std::thread([this, &worker = *worker] { work(worker); });
  }
  director_.thread = std::thread([this] { work(director_); });
  reader_ = std::make_unique<LeaseReader>(ways_to_read());
}

Leases::~Leases() {
  for (auto& worker : workers_) worker->jobs.post({});
  director_.jobs.post({});
  for (auto& worker : workers_) worker->thread.join();
  director_.thread.join();
}

void Leases::work(Worker& worker) {
  LeaseClient client(client_, options_.timeout);
  for (;;) {
    const auto job = worker.jobs.wait_for(kIdle);
    if (!job) continue;
    if (!*job) return;
    (*job)(client);
  }
}

Leases::Worker& Leases::worker_of(const IpAddress& vip) {
  return *workers_[std::hash<IpAddress>{}(vip) % workers_.size()];
}

LeaseReader::Ways Leases::ways_to_read() {
  return {[this](const IpAddress& vip) {
            worker_of(vip).jobs.post([this, vip](LeaseClient& client) { read_now(client, vip); });
          },
          [this] { return LeaseClient(client_, options_.timeout).list(options_.ns); },
          [this](const IpAddress& vip, const Lease* lease) {
            post_(LeaseSeen{vip, lease == nullptr ? LeaseView{} : view_of(*lease)});
          },
          vip_lease_name};
}

void Leases::read(const IpAddress& vip) { reader_->read(vip); }

void Leases::claim(const ClaimLease& claim) {
  reader_->claim_begins(claim.vip);
  worker_of(claim.vip).jobs.post([this, claim](LeaseClient& client) {
    claim_now(client, claim);
    reader_->claim_ends(claim.vip);
  });
}

void Leases::renew(std::vector<std::string> peers) {
  // One that still waits for the server is enough.
  if (director_.jobs.size() != 0) return;
  director_.jobs.post(
      [this, peers = std::move(peers)](LeaseClient& client) { renew_now(client, peers); });
}

void Leases::read_now(LeaseClient& client, const IpAddress& vip) {
  const auto lease = client.get({options_.ns, vip_lease_name(vip)});
  if (lease) return post_(LeaseSeen{vip, view_of(*lease)});
  if (lease.error().code == ErrorCode::kNotFound) post_(LeaseSeen{vip, {}});
}

void Leases::claim_now(LeaseClient& client, const ClaimLease& claim) {
  Lease lease;
  lease.key = {options_.ns, vip_lease_name(claim.vip)};
  lease.holder = options_.node;
  lease.transitions = claim.term;
  lease.acquire_time = now_text();
  lease.renew_time = lease.acquire_time;
  lease.resource_version = claim.version;
  const auto written = claim.version.empty() ? client.create(lease) : client.update(lease);
  if (written) return post_(LeaseGranted{claim.vip, view_of(*written)});
  const ErrorCode code = written.error().code;
  const bool refused = code == ErrorCode::kConflict || code == ErrorCode::kAlreadyExists ||
                       code == ErrorCode::kNotFound;
  if (!refused) {
    log_warning("Lease not written",
                {{"lease", lease.key.name}, {"error", written.error().message}});
    return;
  }
  post_(LeaseRefused{claim.vip});
  read_now(client, claim.vip);
}

Result<Lease> Leases::renew_own(LeaseClient& client) {
  const ObjectKey key{options_.ns, director_lease_name(options_.node)};
  if (!own_) {
    auto found = client.get(key);
    if (!found && found.error().code != ErrorCode::kNotFound) return found;
    own_ = found ? std::move(*found) : Lease{};
    own_->key = key;
  }
  Lease lease = *own_;
  if (lease.holder != options_.node) lease.acquire_time = now_text();
  lease.holder = options_.node;
  // Whole seconds on the wire; three missed renewals.
  lease.duration = 3 * options_.director_lease;
  lease.renew_time = now_text();
  return lease.resource_version.empty() ? client.create(lease) : client.update(lease);
}

void Leases::renew_now(LeaseClient& client, const std::vector<std::string>& peers) {
  auto renewed = renew_own(client);
  note(renewed ? nullptr : &renewed.error());
  own_.reset();
  if (!renewed) return;
  own_ = std::move(*renewed);
  for (const std::string& peer : peers) {
    const auto lease = client.get({options_.ns, director_lease_name(peer)});
    if (!lease && lease.error().code != ErrorCode::kNotFound) return;
    SeenLease& seen = seen_[peer];
    const std::string version = lease ? lease->resource_version : std::string();
    seen.unchanged = version == seen.version ? seen.unchanged + 1 : 0;
    seen.version = version;
    post_(DirectorLeaseSeen{peer, !version.empty() && seen.unchanged < kStaleLooks});
  }
}

// One line when it begins and one when it is over.
void Leases::note(const Error* error) {
  if (silent_ == (error != nullptr)) return;
  silent_ = error != nullptr;
  if (silent_) {
    log_warning("Lease of this director not renewed; VIPs stay where they are",
                {{"error", error->message}});
  } else {
    log_info("Lease of this director renewed again");
  }
}

}  // namespace lvs

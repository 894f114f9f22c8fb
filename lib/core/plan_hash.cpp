#include "core/plan_hash.h"

namespace lvs {
namespace {

// What kind of entry it is, so that equal fields of different kinds differ.
enum class Entry : std::uint64_t {
  kNode = 1,
  kMassDeletion,
  kVip,
  kServiceKey,
  kServiceHeader,
  kDestination,
  kBackend,
  kWithdrawn,
  kDirector
};

Hasher begin(Entry entry) {
  Hasher hasher;
  hasher.add(static_cast<std::uint64_t>(entry));
  return hasher;
}

void add(Hasher& hasher, const IpAddress& address) {
  hasher.add(static_cast<std::uint64_t>(address.family()));
  hasher.add_bytes(address.bytes().data(), address.byte_count());
}

void add(Hasher& hasher, const ObjectKey& key) {
  hasher.add_string(key.ns);
  hasher.add_string(key.name);
}

void add(Hasher& hasher, std::uint64_t high, std::uint64_t low) { hasher.add(high << 32 | low); }

// The fields of a check, in the order of for_each_field.
struct CheckHasher {
  Hasher& hasher;

  void operator()(std::string_view, const std::string& text) const { hasher.add_string(text); }
  void operator()(std::string_view, bool flag) const { hasher.add(flag ? 1 : 0); }
  void operator()(std::string_view, const std::vector<StatusRange>& ranges) const {
    hasher.add(ranges.size());
    for (const StatusRange& range : ranges) {
      add(hasher, static_cast<std::uint64_t>(range.first), static_cast<std::uint64_t>(range.last));
    }
  }
  void operator()(std::string_view, const std::vector<HttpHeader>& headers) const {
    hasher.add(headers.size());
    for (const HttpHeader& header : headers) {
      hasher.add_string(header.name);
      hasher.add_string(header.value);
    }
  }
  void operator()(std::string_view, const std::optional<IpAddress>& address) const {
    if (address) add(hasher, *address);
  }
  void operator()(std::string_view, const std::optional<TlsOptions>& tls) const {
    if (tls) for_each_field(*tls, *this);
  }
};

void add(Hasher& hasher, const PlannedSorryServer& sorry) {
  add(hasher, sorry.key.address);
  add(hasher, sorry.key.port, static_cast<std::uint64_t>(sorry.forwarding));
}

void add(Hasher& hasher, const PlannedHealth& health) {
  const HealthCheckSpec& check = health.check;
  hasher.add_string(type_of(check.kind));
  std::visit([&hasher](const auto& kind) { for_each_field(kind, CheckHasher{hasher}); },
             check.kind);
  hasher.add(check.port.value_or(0));
  hasher.add(static_cast<std::uint64_t>(check.interval.count()));
  hasher.add(static_cast<std::uint64_t>(check.timeout.count()));
  hasher.add(static_cast<std::uint64_t>(check.fast_interval.value_or(Duration{0}).count()));
  add(hasher, static_cast<std::uint64_t>(check.rise), static_cast<std::uint64_t>(check.fall));
  hasher.add(static_cast<std::uint64_t>(health.fail_open_percent));
  hasher.add(static_cast<std::uint64_t>(health.on_failure));
  // Plans without one have the hash that they had before there were any.
  if (check.target == CheckTarget::kInPath) hasher.add_string("inPath");
}

}  // namespace

ContentHash hash_of_vip(const IpAddress& address, const PlannedVip& vip) {
  Hasher hasher = begin(Entry::kVip);
  add(hasher, address);
  hasher.add_string(vip.interface);
  hasher.add(vip.candidates.size());
  for (const auto& candidate : vip.candidates) hasher.add_string(candidate);
  if (vip.preempt_after) hasher.add(static_cast<std::uint64_t>(vip.preempt_after->count()));
  if (vip.move) {
    hasher.add(vip.move->term);
    hasher.add_string(vip.move->to);
  }
  return hasher.finish();
}

ContentHash hash_of_director(const std::string& node, const PlannedDirector& director) {
  Hasher hasher = begin(Entry::kDirector);
  hasher.add_string(node);
  for (const auto& address : director.addresses) add(hasher, address);
  if (director.drained) hasher.add(1);
  return hasher.finish();
}

ContentHash hash_of_key(const ServiceKey& key) {
  Hasher hasher = begin(Entry::kServiceKey);
  add(hasher, key.address);
  add(hasher, static_cast<std::uint64_t>(key.protocol), key.port);
  hasher.add(key.firewall_mark);
  return hasher.finish();
}

ContentHash hash_of_header(const ServiceKey& key, const PlannedServiceHeader& header) {
  Hasher hasher = begin(Entry::kServiceHeader);
  const ContentHash service = hash_of_key(key);
  hasher.add(service.high);
  hasher.add(service.low);
  add(hasher, header.virtual_service);
  hasher.add_string(header.config.scheduler);
  add(hasher, header.config.flags, header.config.persistence_seconds);
  hasher.add(static_cast<std::uint64_t>(header.config.persistence_prefix));
  hasher.add(static_cast<std::uint64_t>(header.drain_timeout.count()));
  hasher.add(header.paused ? 1 : 0);
  if (header.health) add(hasher, *header.health);
  if (header.sorry) add(hasher, *header.sorry);
  return hasher.finish();
}

ContentHash hash_of_destination(const ContentHash& service, const PlannedDestination& destination) {
  Hasher hasher = begin(Entry::kDestination);
  hasher.add(service.high);
  hasher.add(service.low);
  add(hasher, destination.key.address);
  add(hasher, destination.key.port, static_cast<std::uint64_t>(destination.admission));
  add(hasher, static_cast<std::uint64_t>(destination.config.forwarding), destination.config.weight);
  add(hasher, destination.config.upper_threshold, destination.config.lower_threshold);
  return hasher.finish();
}

ContentHash hash_of_backend(const IpAddress& vip, const PlannedBackend& backend) {
  Hasher hasher = begin(Entry::kBackend);
  add(hasher, vip);
  add(hasher, backend.server_address);
  hasher.add(static_cast<std::uint64_t>(backend.forwarding));
  return hasher.finish();
}

ContentHash hash_of_withdrawn(const ObjectKey& virtual_service) {
  Hasher hasher = begin(Entry::kWithdrawn);
  add(hasher, virtual_service);
  return hasher.finish();
}

ContentHash hash_of(const ServiceKey& key, const PlannedService& service) {
  ContentHash sum = hash_of_header(key, service.header);
  const ContentHash by_key = hash_of_key(key);
  for (const auto& destination : service.destinations) {
    sum += hash_of_destination(by_key, destination);
  }
  return sum;
}

ContentHash hash_of(const NodePlan& plan) {
  Hasher name = begin(Entry::kNode);
  name.add_string(plan.node);
  ContentHash sum = name.finish();
  if (plan.accept_mass_deletion) sum += begin(Entry::kMassDeletion).finish();
  for (const auto& [address, vip] : plan.vips) sum += hash_of_vip(address, vip);
  for (const auto& [node, director] : plan.directors) sum += hash_of_director(node, director);
  for (const auto& [key, service] : plan.services) sum += hash_of(key, *service);
  for (const auto& [vip, backend] : plan.backends) sum += hash_of_backend(vip, backend);
  for (const auto& key : plan.withdrawn) sum += hash_of_withdrawn(key);
  return sum;
}

}  // namespace lvs

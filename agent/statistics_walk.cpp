#include "agent/statistics_walk.h"

namespace lvs {
namespace {

constexpr std::size_t kLooksATurn = 1000;

const PlannedService* planned_of(const NodePlan& plan, const ServiceKey& key) {
  const auto at = plan.services.find(key);
  return at == plan.services.end() ? nullptr : at->second.get();
}

// The destinations of plan and kernel, as one list.
class Pool {
 public:
  Pool(const PlannedService* planned, const OffLinkServers& off_link, PoolVerdict verdict)
      : planned_(planned), off_link_(off_link), verdict_(std::move(verdict)) {}

  std::vector<ServerStatistics> with(const std::vector<ObservedDestination>& observed) const {
    std::vector<ServerStatistics> all;
    all.reserve(observed.size());
    auto wanted = begin();
    for (const ObservedDestination& each : observed) {
      for (; wanted != end() && wanted->key < each.key; ++wanted) all.push_back(missing(*wanted));
      const bool planned = wanted != end() && wanted->key == each.key;
      all.push_back(planned ? present(*wanted++, each) : unplanned(each));
    }
    for (; wanted != end(); ++wanted) all.push_back(missing(*wanted));
    return all;
  }

 private:
  using Iterator = std::vector<PlannedDestination>::const_iterator;
  [[nodiscard]] Iterator begin() const {
    return planned_ == nullptr ? Iterator{} : planned_->destinations.begin();
  }
  [[nodiscard]] Iterator end() const {
    return planned_ == nullptr ? Iterator{} : planned_->destinations.end();
  }

  ServerStatistics present(const PlannedDestination& planned,
                           const ObservedDestination& observed) const {
    const Standing standing = standing_of(planned, observed.config.weight, off_link_, verdict_);
    return {observed.key, standing, planned.config.weight, observed};
  }
  ServerStatistics missing(const PlannedDestination& planned) const {
    return {planned.key, standing_of(planned, verdict_), planned.config.weight, std::nullopt};
  }
  ServerStatistics unplanned(const ObservedDestination& observed) const {
    const Standing standing =
        planned_ == nullptr ? Standing::kLeaving : standing_of(planned_->header, observed);
    return {observed.key, standing, std::nullopt, observed};
  }

  const PlannedService* planned_;
  const OffLinkServers& off_link_;
  const PoolVerdict verdict_;
};

}  // namespace

void StatisticsWalk::work(const Context& context) {
  if (!reading_) {
    if (const auto begun = begin(context); !begun) return answer(tl::unexpected(begun.error()));
  }
  for (std::size_t looks = 0; next_ < services_.size() && looks < kLooksATurn; ++next_) {
    const auto looked = look_at(std::move(services_[next_]), context);
    if (!looked) return answer(tl::unexpected(looked.error()));
    looks += *looked + 1;
  }
  if (next_ < services_.size()) return;
  found_.took = clock_.now() - begun_;
  answer(std::make_shared<const Statistics>(std::move(found_)));
}

Result<void> StatisticsWalk::begin(const Context& context) {
  begun_ = clock_.now();
  auto services = kernel_.dump_services();
  if (!services) return tl::unexpected(services.error());
  services_ = std::move(*services);
  std::erase_if(services_, [&](const ObservedService& each) {
    return !each.owned && planned_of(context.plan, each.key) == nullptr;
  });
  found_.services.reserve(services_.size());
  reading_ = true;
  return {};
}

Result<std::size_t> StatisticsWalk::look_at(ObservedService service, const Context& context) {
  const PlannedService* planned = planned_of(context.plan, service.key);
  ServiceStatistics found;
  found.key = service.key;
  found.scheduler = std::move(service.config.scheduler);
  found.traffic = service.traffic;
  PoolVerdict verdict;
  if (planned != nullptr) {
    const ObjectKey& name = planned->header.virtual_service;
    found.virtual_service = name.ns + "/" + name.name;
    verdict = context.health.verdict(service.key, *planned);
    found.fail_open = verdict.fail_open;
  }
  std::vector<ObservedDestination> destinations;
  if (destinations_) {
    auto read = kernel_.dump_destinations(service.key);
    if (!read) return tl::unexpected(read.error());
    destinations = std::move(*read);
  } else if (const auto* entry = context.mirror.find(service.key); entry != nullptr) {
    destinations = entry->service.destinations;
  }
  const Pool pool(planned, context.off_link, std::move(verdict));
  std::vector<ServerStatistics> servers = pool.with(destinations);
  for (const ServerStatistics& server : servers) {
    ++found.servers[static_cast<std::size_t>(server.standing)];
  }
  const std::size_t looked = servers.size();
  if (destinations_) found.destinations = std::move(servers);
  found_.services.push_back(std::move(found));
  return looked;
}

void StatisticsWalk::answer(const Result<std::shared_ptr<const Statistics>>& result) {
  const std::vector<StatisticsRequested> requests = std::exchange(requests_, {});
  reading_ = false;
  services_ = {};
  next_ = 0;
  found_ = {};
  for (const StatisticsRequested& request : requests) request.reply(result);
}

}  // namespace lvs

#include "core/election/heartbeat_pages.h"

#include <algorithm>

namespace lvs {

void HeartbeatPages::add(const IpAddress& vip) {
  if (!vips_.insert(vip).second) return;
  mark_changed(vip);
  news_ = true;
}

void HeartbeatPages::remove(const IpAddress& vip) {
  vips_.erase(vip);
  repeats_.erase(vip);
}

void HeartbeatPages::mark_all_changed() {
  for (const IpAddress& vip : vips_) mark_changed(vip);
  news_ = true;
}

std::vector<std::vector<IpAddress>> HeartbeatPages::next(std::size_t page_size, std::size_t most) {
  std::vector<std::vector<IpAddress>> pages(1);
  const std::size_t changed = repeats_.size();
  const std::size_t told = std::min(changed, page_size * most);
  auto at = repeats_.upper_bound(news_cursor_);
  for (std::size_t i = 0; i < told; ++i) {
    if (at == repeats_.end()) at = repeats_.begin();
    if (pages.back().size() == page_size) pages.emplace_back();
    news_cursor_ = at->first;
    pages.back().push_back(at->first);
    at = --at->second == 0 ? repeats_.erase(at) : std::next(at);
  }
  std::sort(pages.back().begin(), pages.back().end());
  fill(pages.back(), page_size);
  news_ = told < changed;
  return pages;
}

void HeartbeatPages::fill(std::vector<IpAddress>& page, std::size_t page_size) {
  const std::size_t news = page.size();
  auto at = vips_.upper_bound(cursor_);
  for (std::size_t seen = 0; seen < vips_.size() && page.size() < page_size; ++seen) {
    if (at == vips_.end()) at = vips_.begin();
    const auto told = page.begin() + static_cast<std::ptrdiff_t>(news);
    if (!std::binary_search(page.begin(), told, *at)) page.push_back(*at);
    cursor_ = *at++;
  }
}

}  // namespace lvs

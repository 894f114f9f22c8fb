#include "agent/kernel/network_news.h"

#include <linux/if_addr.h>
#include <linux/rtnetlink.h>

namespace lvs::netlink {
namespace {

template <typename Container>
void append(Container& to, Bytes bytes) {
  to.insert(to.end(), bytes.begin(), bytes.end());
}

}  // namespace

bool NetworkNews::is_news(Bytes datagram) {
  bool news = false;
  while (const auto message = take_message(datagram)) news = is_news(*message) || news;
  return news || !datagram.empty();  // what cannot be read may be anything
}

bool NetworkNews::is_news(const Message& message) {
  if (message.type != RTM_NEWADDR && message.type != RTM_DELADDR) return true;
  Bytes rest = message.payload;
  const auto header = take_header<ifaddrmsg>(rest);
  if (!header) return true;
  Copy key;
  Copy said;
  append(key, bytes_of(header->ifa_index));
  append(key, bytes_of(header->ifa_prefixlen));
  append(said, bytes_of(*header));
  while (const auto attribute = take_attribute(rest)) {
    if (attribute->type == IFA_CACHEINFO) continue;
    const bool names = attribute->type == IFA_LOCAL || attribute->type == IFA_ADDRESS;
    append(names ? key : said, bytes_of(attribute->type));
    append(names ? key : said, attribute->data);
  }
  if (message.type == RTM_DELADDR) {
    known_.erase(key);
    return true;
  }
  Copy& last = known_[key];
  if (last == said) return false;
  last = std::move(said);
  return true;
}

}  // namespace lvs::netlink

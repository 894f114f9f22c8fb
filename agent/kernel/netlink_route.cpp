#include "agent/kernel/netlink_route.h"

#include <algorithm>
#include <cerrno>
#include <tuple>

#include <linux/netlink.h>
#include <linux/rtnetlink.h>

#include "agent/kernel/operation_error.h"

namespace lvs::netlink {
namespace {

constexpr int kDumpTries = 5;

// What the interfaces hold, kept up to date while a run of operations is being encoded, so that the
// operations see each other.
class Picture {
 public:
  Picture(const std::vector<ObservedLink>& links, const std::vector<ObservedAddress>& addresses)
      : addresses_(addresses) {
    for (const auto& link : links) indices_[link.name] = link.index;
  }

  // Appends the request, or says with which errno the kernel or our own rules would refuse it.
  int encode(const Operation& operation, Batch& batch) {
    if (const auto* add = std::get_if<AddAddress>(&operation)) return encode_add(*add, batch);
    return encode_delete(std::get<DeleteAddress>(operation), batch);
  }

 private:
  int encode_add(const AddAddress& add, Batch& batch) {
    const auto index = indices_.find(add.interface);
    if (index == indices_.end()) return ENODEV;
    const auto present = find(add.address, add.interface);
    if (present == addresses_.end()) {
      encode_add_address(add, index->second, IfPresent::kRefuse, batch);
      addresses_.push_back({add.address, address_bits(add.address.family()), add.interface, true,
                            add.valid_seconds, false});
      return 0;
    }
    const bool nothing_to_do = present->valid_seconds == 0 && add.valid_seconds == 0;
    if (!present->owned || nothing_to_do) return EEXIST;
    encode_add_address(add, index->second, IfPresent::kReplaceLifetime, batch);
    present->valid_seconds = add.valid_seconds;
    return 0;
  }

  int encode_delete(const DeleteAddress& gone, Batch& batch) {
    const auto index = indices_.find(gone.interface);
    if (index == indices_.end()) return ENODEV;
    const auto present = find(gone.address, gone.interface);
    if (present == addresses_.end()) return EADDRNOTAVAIL;
    if (!present->owned) return EPERM;
    encode_delete_address(gone, index->second, batch);
    addresses_.erase(present);
    return 0;
  }

  // Ours before a foreign one of another prefix length.
  std::vector<ObservedAddress>::iterator find(const IpAddress& address,
                                              const std::string& interface) {
    const auto same = [&](const ObservedAddress& a) {
      return a.address == address && a.interface == interface;
    };
    const auto ours = std::find_if(addresses_.begin(), addresses_.end(),
                                   [&](const auto& a) { return same(a) && a.owned; });
    if (ours != addresses_.end()) return ours;
    return std::find_if(addresses_.begin(), addresses_.end(), same);
  }

  std::map<std::string, int> indices_;
  std::vector<ObservedAddress> addresses_;
};

}  // namespace

Result<void> Route::open() {
  if (socket_) return {};
  auto socket = Socket::connect(NETLINK_ROUTE);
  if (!socket) return tl::unexpected(socket.error());
  socket_ = std::move(*socket);
  return {};
}

Result<void> Route::dump(const std::function<void(Batch&)>& encode, std::uint16_t type,
                         const std::function<void()>& restart,
                         const std::function<void(Bytes)>& on_payload) {
  for (int tries = 0; tries < kDumpTries; ++tries) {
    if (auto opened = open(); !opened) return opened;
    restart();
    batch_.clear();
    encode(batch_);
    const auto changed = socket_->dump(batch_, [&](const Message& message) -> Result<void> {
      if (message.type == type) on_payload(message.payload);
      return {};
    });
    if (!changed) {
      socket_.reset();
      return tl::unexpected(changed.error());
    }
    if (!*changed) return {};
  }
  return fail(ErrorCode::kUnavailable,
              "interfaces and addresses change faster than they can be read; tried again later");
}

Result<std::vector<ObservedLink>> Route::dump_links() {
  std::vector<ObservedLink> links;
  const auto dumped = dump(
      encode_dump_links, RTM_NEWLINK, [&] { links.clear(); },
      [&](Bytes payload) {
        if (auto link = decode_link(payload)) links.push_back(std::move(*link));
      });
  if (!dumped) return tl::unexpected(dumped.error());
  std::sort(links.begin(), links.end(),
            [](const auto& a, const auto& b) { return a.index < b.index; });
  return links;
}

Result<std::vector<ObservedAddress>> Route::dump_addresses(const std::vector<ObservedLink>& links) {
  LinkNames names;
  for (const auto& link : links) names[link.index] = link.name;
  std::vector<ObservedAddress> addresses;
  const auto dumped = dump(
      encode_dump_addresses, RTM_NEWADDR, [&] { addresses.clear(); },
      [&](Bytes payload) {
        if (auto address = decode_address(payload, names)) addresses.push_back(std::move(*address));
      });
  if (!dumped) return tl::unexpected(dumped.error());
  std::sort(addresses.begin(), addresses.end(), [](const auto& a, const auto& b) {
    return std::tie(a.address, a.interface, a.prefix_length) <
           std::tie(b.address, b.interface, b.prefix_length);
  });
  return addresses;
}

Result<std::vector<ObservedNeighbour>> Route::dump_neighbours(int link_index) {
  std::vector<ObservedNeighbour> neighbours;
  const auto dumped = dump(
      encode_dump_neighbours, RTM_NEWNEIGH, [&] { neighbours.clear(); },
      [&](Bytes payload) {
        if (auto neighbour = decode_neighbour(payload, link_index)) {
          neighbours.push_back(*neighbour);
        }
      });
  if (!dumped) return tl::unexpected(dumped.error());
  return neighbours;
}

Result<std::set<IpAddress>> Route::off_link(const std::set<IpAddress>& addresses) {
  std::set<IpAddress> found;
  for (const IpAddress& address : addresses) {
    if (auto opened = open(); !opened) return tl::unexpected(opened.error());
    bool direct = false;
    batch_.clear();
    encode_get_route(address, batch_);
    const auto refused = socket_->ask(batch_, [&](const Message& message) -> Result<void> {
      direct = direct || (message.type == RTM_NEWROUTE && route_is_direct(message.payload));
      return {};
    });
    if (!refused) {
      socket_.reset();
      return tl::unexpected(refused.error());
    }
    if (*refused != 0 || !direct) found.insert(address);
  }
  return found;
}

void Route::apply(std::span<const Operation> operations, std::size_t base, ApplyReport& report) {
  const auto links = dump_links();
  const auto addresses = links ? dump_addresses(*links) : tl::unexpected(links.error());
  if (!addresses) {
    for (std::size_t i = 0; i < operations.size(); ++i) {
      report.failures.push_back({base + i, EIO, addresses.error()});
    }
    return;
  }
  Picture picture(*links, *addresses);
  std::vector<std::size_t> sent;
  batch_.clear();
  for (std::size_t i = 0; i < operations.size(); ++i) {
    if (const int error = picture.encode(operations[i], batch_); error != 0) {
      report.failures.push_back({base + i, error, explain_errno(operations[i], error)});
      continue;
    }
    sent.push_back(i);
    if (sent.size() == socket_->max_messages() ||
        batch_.size() + Socket::kLargestRequest > Socket::kBatchBytes) {
      send(operations, sent, base, report);
      sent.clear();
    }
  }
  send(operations, sent, base, report);
}

void Route::send(std::span<const Operation> operations, const std::vector<std::size_t>& sent,
                 std::size_t base, ApplyReport& report) {
  const auto outcome = socket_->send(batch_);
  batch_.clear();
  const auto refuse = [&](std::size_t place, const Answer& answer) {
    report.failures.push_back({base + place, answer.error_number,
                               explain_errno(operations[place], answer.error_number, answer.text)});
  };
  report.in_doubt = report.in_doubt || outcome.in_doubt;
  for (const std::size_t place : sent) {
    if (outcome.send_error != 0) refuse(place, {outcome.send_error, {}});
  }
  for (const auto& refusal : outcome.refusals) refuse(sent[refusal.position], refusal.answer);
}

}  // namespace lvs::netlink

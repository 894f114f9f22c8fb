#include "agent/kernel/netlink_route.h"

#include <algorithm>
#include <cerrno>
#include <numeric>
#include <tuple>

#include <linux/netlink.h>
#include <linux/rtnetlink.h>

#include "agent/kernel/operation_error.h"

namespace lvs::netlink {
namespace {

constexpr int kDumpTries = 5;

// Only an address that is ours for certain may be taken off.
bool deletes(const Operation& operation) {
  return std::holds_alternative<DeleteAddress>(operation);
}

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
  std::vector<MarkedAddress> marked;
  const auto dumped = dump(
      encode_dump_addresses, RTM_NEWADDR, [&] { marked.clear(); },
      [&](Bytes payload) {
        if (auto address = decode_address(payload, names)) marked.push_back(std::move(*address));
      });
  if (!dumped) return tl::unexpected(dumped.error());
  std::vector<ObservedAddress> addresses = recognise(marked);
  std::sort(addresses.begin(), addresses.end(), [](const auto& a, const auto& b) {
    return std::tie(a.address, a.interface, a.prefix_length) <
           std::tie(b.address, b.interface, b.prefix_length);
  });
  picture_.emplace(links, addresses);
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
  const bool remembered =
      socket_ && picture_ && std::none_of(operations.begin(), operations.end(), deletes);
  std::vector<std::size_t> places(operations.size());
  std::iota(places.begin(), places.end(), std::size_t{0});
  Outcome outcome{{}, false};
  if (remembered) {
    outcome = attempt(operations, places);
    places.clear();
    for (const OperationFailure& failure : outcome.failures) places.push_back(failure.index);
  }
  // What is remembered may be old: what was refused is tried with what is there now.
  if (!places.empty() && !outcome.in_doubt) outcome = look_and_attempt(operations, places);
  if (outcome.in_doubt || !outcome.failures.empty()) picture_.reset();
  report.in_doubt = report.in_doubt || outcome.in_doubt;
  for (OperationFailure& failure : outcome.failures) {
    failure.index += base;
    report.failures.push_back(std::move(failure));
  }
}

Route::Outcome Route::look_and_attempt(std::span<const Operation> operations,
                                       const std::vector<std::size_t>& places) {
  const auto links = dump_links();
  const auto addresses = links ? dump_addresses(*links) : tl::unexpected(links.error());
  if (addresses) return attempt(operations, places);
  Outcome outcome;
  for (const std::size_t place : places) {
    outcome.failures.push_back({place, EIO, addresses.error()});
  }
  return outcome;
}

Route::Outcome Route::attempt(std::span<const Operation> operations,
                              const std::vector<std::size_t>& places) {
  Outcome outcome;
  std::vector<std::size_t> sent;
  batch_.clear();
  for (const std::size_t place : places) {
    if (const int error = picture_->encode(operations[place], batch_); error != 0) {
      outcome.failures.push_back({place, error, explain_errno(operations[place], error)});
      continue;
    }
    sent.push_back(place);
    if (sent.size() == socket_->max_messages() ||
        batch_.size() + Socket::kLargestRequest > Socket::kBatchBytes) {
      send(operations, sent, outcome);
      sent.clear();
    }
  }
  send(operations, sent, outcome);
  return outcome;
}

void Route::send(std::span<const Operation> operations, const std::vector<std::size_t>& sent,
                 Outcome& outcome) {
  const auto answered = socket_->send(batch_);
  batch_.clear();
  const auto refuse = [&](std::size_t place, const Answer& answer) {
    outcome.failures.push_back(
        {place, answer.error_number,
         explain_errno(operations[place], answer.error_number, answer.text)});
  };
  outcome.in_doubt = outcome.in_doubt || answered.in_doubt;
  for (const std::size_t place : sent) {
    if (answered.send_error != 0) refuse(place, {answered.send_error, {}});
  }
  for (const auto& refusal : answered.refusals) refuse(sent[refusal.position], refusal.answer);
}

}  // namespace lvs::netlink

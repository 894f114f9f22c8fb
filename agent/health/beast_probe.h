// One question to one server: TCP (is a connection accepted?) or HTTP (which status has the
// answer?). Bounded in time by the check's timeout, in memory by kMostAnswer, whatever the server
// sends. From an address of this node that is no VIP: a kernel chooses none as source (IPv6: born
// deprecated; IPv4: after the node's own).
//
// Threads: the one that runs the io_context.
#pragma once

#include <cstddef>
#include <functional>

#include <boost/asio/io_context.hpp>

#include "core/health/check.h"

namespace lvs {

// Of the header of an HTTP answer; the body is not read.
inline constexpr std::size_t kMostAnswer = std::size_t{16} << 10U;

using ProbeDone = std::function<void(const ProbeResult&)>;

// `done` is called once, later and never from within this call, unless the io_context ends first.
void start_probe(boost::asio::io_context& io, const CheckedServer& server, ProbeDone done);

}  // namespace lvs

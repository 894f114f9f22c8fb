#include <boost/asio/post.hpp>

#include "agent/health/beast_kinds.h"

namespace lvs {

void start_probe(ProbeTools& tools, const CheckedServer& server, ProbeDone done) {
  auto probe =
      std::visit([&](const auto& kind) { return make_probe(kind, tools, server, std::move(done)); },
                 server.check.kind);
  boost::asio::post(tools.io, [probe = std::move(probe)] { probe->start(); });
}

}  // namespace lvs

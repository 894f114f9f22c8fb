// TCP: is a connection accepted?
#include "agent/health/beast_kinds.h"

namespace lvs {
namespace {

class TcpProbe final : public StreamProbe {
 public:
  using StreamProbe::StreamProbe;

 private:
  void connected() override { healthy(); }
};

}  // namespace

std::shared_ptr<Probe> make_probe(const TcpCheck&, ProbeTools& tools, const CheckedServer& server,
                                  ProbeDone done) {
  return std::make_shared<TcpProbe>(tools.io, server, std::move(done));
}

}  // namespace lvs

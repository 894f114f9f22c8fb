// Internal to agent/health: a probe of each kind. To add one, add an overload here, in a file of its
// own.
#pragma once

#include "agent/health/beast_probe.h"
#include "agent/health/beast_tls.h"

namespace lvs {

// What probes share. Outlives them all.
struct ProbeTools {
  boost::asio::io_context& io;
  CheckTls& tls;
};

std::shared_ptr<Probe> make_probe(const TcpCheck&, ProbeTools&, const CheckedServer&, ProbeDone);
std::shared_ptr<Probe> make_probe(const HttpCheck&, ProbeTools&, const CheckedServer&, ProbeDone);
std::shared_ptr<Probe> make_probe(const SmtpCheck&, ProbeTools&, const CheckedServer&, ProbeDone);
std::shared_ptr<Probe> make_probe(const DnsCheck&, ProbeTools&, const CheckedServer&, ProbeDone);
std::shared_ptr<Probe> make_probe(const UdpCheck&, ProbeTools&, const CheckedServer&, ProbeDone);
std::shared_ptr<Probe> make_probe(const IcmpCheck&, ProbeTools&, const CheckedServer&, ProbeDone);

// `done` is called once, later and never from within this call, unless the io_context ends first.
void start_probe(ProbeTools& tools, const CheckedServer& server, ProbeDone done);

}  // namespace lvs

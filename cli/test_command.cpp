// lvsctl test: what a client of a service sees, from the machine on which it runs.
#include <cstdlib>
#include <memory>
#include <ostream>

#include <CLI/CLI.hpp>

#include "base/duration.h"
#include "cli/command.h"
#include "cli/frames.h"
#include "cli/probe_report.h"
#include "cli/probes.h"

namespace lvs::cli {
namespace {

// Names of the options are those of the command line.
struct TestOptions {
  std::string url;
  std::string by;
  std::string ca;
  std::string timeout;
  std::size_t count = 10;
  std::size_t concurrency = 10;
  std::vector<std::string> expect;
  std::string seconds = "60s";
  std::string interval = "20ms";
  std::string max_outage = "1s";
};

using Options = std::shared_ptr<TestOptions>;

// Every probe that is lost waits this long; many are under way at once.
constexpr std::size_t kMostAtOnce = 64;

Result<ProbeTarget> target_of(const TestOptions& options) {
  auto target = parse_probe_target(options.url);
  if (!target) return target;
  target->name_header = options.by;
  target->ca_file = options.ca;
  return target;
}

Result<Duration> duration_of(const std::string& text, const char* option) {
  auto duration = parse_duration(text);
  if (!duration) return fail_at(option, duration.error());
  if (duration->count() == 0) {
    return fail(ErrorCode::kInvalidArgument, std::string(option) + ": must be longer than 0");
  }
  return duration;
}

int conclude(const Verdict& verdict, Io& io) {
  io.out << verdict.text << std::flush;
  return verdict.holds ? kExitOk : kExitNo;
}

// A line every two seconds or so.
class Progress {
 public:
  Progress(Io& io, std::size_t all) : io_(io), all_(all), last_(clock_.now()) {}
  void operator()(std::size_t over) {
    constexpr Duration kPause{2'000};
    if (clock_.now() - last_ < kPause) return;
    last_ = clock_.now();
    io_.err << over << " of " << all_ << " requests are over\n" << std::flush;
  }

 private:
  Io& io_;
  std::size_t all_;
  SystemClock clock_;
  TimePoint last_;
};

Result<std::vector<Probe>> probe(const TestOptions& options, Pace pace, Io& io) {
  const auto target = target_of(options);
  if (!target) return tl::unexpected(target.error());
  const auto timeout = duration_of(options.timeout, "--timeout");
  if (!timeout) return tl::unexpected(timeout.error());
  pace.timeout = *timeout;
  return run_probes(*target, pace,
                    [progress = std::make_shared<Progress>(io, pace.count)](std::size_t over) {
                      (*progress)(over);
                    });
}

int test_basic(const TestOptions& options, Io& io) {
  const auto probes = probe(options, {}, io);
  if (!probes) return fail_with(io, probes.error().message);
  const Probe& only = probes->front();
  if (!only.error.empty()) {
    return conclude({options.url + ": " + paint(only.error, Tone::kBad, io.colour) + "\n", false},
                    io);
  }
  return conclude(
      {options.url + ": " + only.answer + " answered in " + format_duration(only.took) + "\n",
       true},
      io);
}

Result<std::map<std::string, unsigned>> weights_of(const std::vector<std::string>& expected) {
  std::map<std::string, unsigned> weights;
  for (const std::string& text : expected) {
    const auto equals = text.rfind('=');
    char* end = nullptr;
    const auto weight =
        equals == std::string::npos ? 0 : std::strtoul(text.c_str() + equals + 1, &end, 10);
    if (end == nullptr || *end != '\0' || weight > 65'535 || equals + 1 == text.size()) {
      return fail(ErrorCode::kInvalidArgument,
                  "--expect " + text + ": must be NAME=WEIGHT, such as web-1=3");
    }
    weights[text.substr(0, equals)] = static_cast<unsigned>(weight);
  }
  return weights;
}

int test_distribution(const TestOptions& options, Io& io) {
  const auto weights = weights_of(options.expect);
  if (!weights) return fail_with(io, weights.error().message);
  const auto probes = probe(options, {options.count, 1, Duration{0}}, io);
  if (!probes) return fail_with(io, probes.error().message);
  return conclude(judge_distribution(*probes, *weights, io.colour), io);
}

int test_performance(const TestOptions& options, Io& io) {
  const auto probes = probe(options, {options.count, options.concurrency, Duration{0}}, io);
  if (!probes) return fail_with(io, probes.error().message);
  return conclude(judge_performance(*probes, io.colour), io);
}

int test_failover(const TestOptions& options, Io& io) {
  const auto length = duration_of(options.seconds, "SECONDS");
  const auto interval = duration_of(options.interval, "--interval");
  const auto longest = duration_of(options.max_outage, "--max-outage");
  for (const auto* each : {&length, &interval, &longest}) {
    if (!*each) return fail_with(io, each->error().message);
  }
  const auto count = static_cast<std::size_t>(*length / *interval) + 1;
  const auto probes = probe(options, {count, kMostAtOnce, *interval}, io);
  if (!probes) return fail_with(io, probes.error().message);
  return conclude(judge_failover(*probes, *longest, io.colour), io);
}

// The address and port of the URL: frames are known by them.
Result<Endpoint> endpoint_of(const std::string& server) {
  const bool tls = server.starts_with("https:");
  std::string host = server.substr(server.find("://") + 3);
  std::string port = tls ? "443" : "80";
  const auto colon = host.rfind(':');
  const auto bracket = host.rfind(']');
  if (colon != std::string::npos && (bracket == std::string::npos || colon > bracket)) {
    port = host.substr(colon + 1);
    host = host.substr(0, colon);
  }
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  const auto address = IpAddress::parse(host);
  const int number = std::atoi(port.c_str());
  if (!address || number < 1 || number > 65'535) {
    return fail(ErrorCode::kInvalidArgument,
                server +
                    ": must have the VIP itself as its host, and no name: frames are known by "
                    "their address");
  }
  return Endpoint{*address, static_cast<std::uint16_t>(number)};
}

int test_dsr(const TestOptions& options, Io& io) {
  const auto target = parse_probe_target(options.url);
  const auto service = target ? endpoint_of(target->server) : tl::unexpected(target.error());
  if (!service) return fail_with(io, service.error().message);
  const auto capture = FrameCapture::start(*service);
  if (!capture) return fail_with(io, capture.error().message);
  const auto probes = probe(options, {options.count, 1, Duration{0}}, io);
  if (!probes) return fail_with(io, probes.error().message);
  const FrameCounts counts = (*capture)->take();
  if (const auto failures = failures_of(*probes); !failures.empty()) io.out << failures << "\n";
  return conclude(judge_dsr(counts, known_neighbours(), io.colour), io);
}

// --- What each of them is told.

CLI::App* declare(CLI::App& app, const char* name, const char* summary, const Options& options,
                  const char* timeout = "5s") {
  CLI::App* sub = app.add_subcommand(name, summary);
  sub->add_option("--by", options->by,
                  "Header of the answer that names the server; default: the body's first line")
      ->type_name("HEADER");
  sub->add_option("--ca", options->ca,
                  "PEM file: the CA of an https service; default: the system's")
      ->type_name("FILE");
  sub->add_option_function<std::string>(
         "--timeout", [options](const std::string& text) { options->timeout = text; },
         std::string("For each request; default: ") + timeout)
      ->type_name("DURATION");
  sub->preparse_callback([options, timeout](std::size_t) { options->timeout = timeout; });
  return sub;
}

void add_url(CLI::App* sub, const Options& options) {
  sub->add_option("url", options->url, "Such as http://192.0.2.100/")->required()->type_name("URL");
}

void declare_distribution(CLI::App& app, const Options& options) {
  CLI::App* sub = declare(app, "distribution", "N requests: who answers how often?", options);
  sub->add_option("n", options->count, "Requests")
      ->required()
      ->type_name("N")
      ->check(CLI::Range(1, 1'000'000));
  add_url(sub, options);
  sub->add_option("--expect", options->expect, "A server's weight; repeat it for each server")
      ->type_name("NAME=WEIGHT");
}

void declare_performance(CLI::App& app, const Options& options) {
  CLI::App* sub = declare(app, "performance", "N requests, C at once: how fast?", options);
  sub->add_option("c", options->concurrency, "Requests at once")
      ->required()
      ->type_name("C")
      ->check(CLI::Range(1, 256));
  sub->add_option("n", options->count, "Requests")
      ->required()
      ->type_name("N")
      ->check(CLI::Range(1, 1'000'000));
  add_url(sub, options);
}

void declare_failover(CLI::App& app, const Options& options) {
  CLI::App* sub =
      declare(app, "failover", "Probes while you stop the director: how long is nobody there?",
              options, "1s");
  sub->add_option("time", options->seconds, "How long, such as 60s")->required()->type_name("TIME");
  add_url(sub, options);
  sub->add_option("--interval", options->interval, "From probe to probe")->capture_default_str();
  sub->add_option("--max-outage", options->max_outage, "Longer does not hold")
      ->capture_default_str();
}

void declare_dsr(CLI::App& app, const Options& options) {
  CLI::App* sub = declare(app, "dsr-verify",
                          "Do answers come straight from the servers? Looks at frames: as root, on "
                          "the service's own segment",
                          options);
  add_url(sub, options);
  sub->add_option("--requests", options->count, "Requests")
      ->capture_default_str()
      ->check(CLI::Range(1, 10'000));
}

Action declare_test(CLI::App& app) {
  auto options = std::make_shared<TestOptions>();
  app.require_subcommand(1);
  add_url(declare(app, "basic", "One request: is it answered?", options), options);
  declare_distribution(app, options);
  declare_performance(app, options);
  declare_failover(app, options);
  declare_dsr(app, options);
  return [options, &app](Io& io) {
    const std::string chosen = app.get_subcommands().front()->get_name();
    if (chosen == "basic") return test_basic(*options, io);
    if (chosen == "distribution") return test_distribution(*options, io);
    if (chosen == "performance") return test_performance(*options, io);
    if (chosen == "failover") return test_failover(*options, io);
    return test_dsr(*options, io);
  };
}

}  // namespace

const Command kTestCommand{
    "test", "Ask a service as its clients do, from this machine",
    "  lvsctl test basic http://192.0.2.100/\n"
    "  lvsctl test distribution 60 http://192.0.2.100/ --expect web-1=3 --expect web-2=2\n"
    "  lvsctl test performance 10 500 http://192.0.2.100/\n"
    "  lvsctl test failover 60s http://192.0.2.100/\n"
    "  lvsctl test dsr-verify http://192.0.2.100/\n",
    declare_test};

}  // namespace lvs::cli

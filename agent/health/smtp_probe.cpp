// SMTP: a banner, an answer to EHLO, and a polite QUIT, whose answer changes nothing.
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>

#include "agent/health/beast_kinds.h"
#include "agent/health/smtp_reply.h"

namespace lvs {
namespace {

namespace asio = boost::asio;

constexpr std::size_t kLongestLine = 4096;
constexpr int kReady = 220;
constexpr int kOkay = 250;

class SmtpProbe final : public StreamProbe {
 public:
  SmtpProbe(ProbeTools& tools, const CheckedServer& server, ProbeDone done)
      : StreamProbe(tools.io, server, std::move(done)),
        check_(std::get<SmtpCheck>(server_.check.kind)) {}

 private:
  void connected() override {
    hear("waiting for the banner", kReady, [this] { greet(); });
  }
  void greet() {
    said_ = "EHLO " + check_.hello + "\r\n";
    say([this] { hear("waiting for the answer to EHLO", kOkay, [this] { leave(); }); });
  }
  void leave() {
    served_ = true;
    said_ = "QUIT\r\n";
    asio::async_write(socket_, asio::buffer(said_), next("leaving", [this] {
                        const auto left = next("leaving", [this] { healthy(); });
                        asio::async_read_until(socket_, asio::dynamic_buffer(heard_, kLongestLine),
                                               '\n', left);
                      }));
  }

  template <typename Then>
  void say(Then then) {
    asio::async_write(socket_, asio::buffer(said_), next("asking", then));
  }

  template <typename Then>
  void hear(const char* doing, int expected, Then then) {
    reply_ = {};
    hear_line(doing, expected, then);
  }
  template <typename Then>
  void hear_line(const char* doing, int expected, Then then) {
    const auto heard = next(doing, [this, doing, expected, then](std::size_t size) {
      const std::string line = heard_.substr(0, size);
      heard_.erase(0, size);
      switch (reply_.add(line)) {
        case SmtpReply::Progress::kMore:
          return hear_line(doing, expected, then);
        case SmtpReply::Progress::kWhole:
          if (reply_.code() == expected) return then();
          break;
        case SmtpReply::Progress::kWrong:
          break;
      }
      unhealthy(std::string(doing) + ": " + quoted(line.substr(0, line.find_first_of("\r\n"))) +
                ", expected " + std::to_string(expected));
    });
    asio::async_read_until(socket_, asio::dynamic_buffer(heard_, kLongestLine), '\n', heard);
  }

  // Who has served needs no good end.
  void failed(const std::string& why) override {
    if (served_) return healthy();
    unhealthy(why);
  }
  void timed_out(const std::string& why) override { failed(why); }
  std::string describe(const ErrorCode& error) const override {
    if (error == asio::error::eof) return "the server closed the connection";
    if (error == asio::error::not_found) return "a line of the server is longer than 4 KiB";
    return error.message();
  }

  const SmtpCheck& check_;
  std::string said_;
  std::string heard_;
  SmtpReply reply_;
  bool served_ = false;
};

}  // namespace

std::shared_ptr<Probe> make_probe(const SmtpCheck&, ProbeTools& tools, const CheckedServer& server,
                                  ProbeDone done) {
  return std::make_shared<SmtpProbe>(tools, server, std::move(done));
}

}  // namespace lvs

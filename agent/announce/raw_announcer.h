// Announces through a packet socket. Needs CAP_NET_RAW.
//
// Threads: one at a time, in the network namespace of the thread that opened it.
#pragma once

#include <memory>

#include "agent/announce/announcer.h"

namespace lvs {

class RawAnnouncer final : public Announcer {
 public:
  static Result<std::unique_ptr<RawAnnouncer>> open();
  ~RawAnnouncer() override;
  RawAnnouncer(const RawAnnouncer&) = delete;
  RawAnnouncer& operator=(const RawAnnouncer&) = delete;

  Result<void> announce(const IpAddress& address, const ObservedLink& link) override;

 private:
  explicit RawAnnouncer(int socket) : socket_(socket) {}

  int socket_;
};

}  // namespace lvs

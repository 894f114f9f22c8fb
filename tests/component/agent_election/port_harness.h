// Directors' heartbeat ports on the loopback, and one who writes datagrams by hand.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "agent/election/heartbeat_datagram.h"
#include "agent/election/heartbeat_port.h"

namespace lvs::testing {

inline constexpr const char* kKey = "1:000102030405060708090a0b0c0d0e0f";
inline constexpr const char* kOtherKey = "1:ff0102030405060708090a0b0c0d0e0f";
inline constexpr const char* kOtherId = "2:ff0102030405060708090a0b0c0d0e0f";

[[nodiscard]] IpAddress ip(const std::string& text);

class KeyFile {
 public:
  explicit KeyFile(const std::string& text);
  ~KeyFile();
  KeyFile(const KeyFile&) = delete;
  KeyFile& operator=(const KeyFile&) = delete;
  void write(const std::string& text) const;
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// Sends as the election would, with the echoes that it would put in.
class Director {
 public:
  Director(const std::string& name, const std::string& key_file,
           const std::string& address = "127.0.0.1");
  void meet(const std::vector<Director*>& peers);
  void beat();

  [[nodiscard]] Heartbeat next() const;
  [[nodiscard]] std::size_t heard() const;
  [[nodiscard]] Heartbeat last() const;
  [[nodiscard]] HeartbeatStats stats() const { return port_->stats(); }
  [[nodiscard]] std::uint64_t troubles(HeartbeatTrouble trouble) const {
    return stats().of(trouble);
  }
  [[nodiscard]] std::uint16_t port() const { return port_->port(); }
  [[nodiscard]] const IpAddress& address() const { return address_; }
  [[nodiscard]] HeartbeatPort& wire() { return *port_; }

 private:
  std::string name_;
  IpAddress address_;
  std::uint64_t boot_;
  std::uint64_t sequence_ = 0;
  mutable std::mutex mutex_;
  std::vector<Heartbeat> heard_;
  std::unique_ptr<HeartbeatPort> port_;  // ends before what it reports to
};

// A socket of somebody else on the same machine.
class Outsider {
 public:
  explicit Outsider(const std::string& address, std::uint16_t port = 0);
  ~Outsider();
  Outsider(const Outsider&) = delete;
  Outsider& operator=(const Outsider&) = delete;

  void send(const Datagram& datagram, const Director& to);
  // What arrived; empty: nothing within a second.
  [[nodiscard]] Datagram receive();
  // Of what receive() gave last.
  [[nodiscard]] const std::string& sender() const { return sender_; }
  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] const IpAddress& address() const { return address_; }

 private:
  IpAddress address_;
  std::string sender_;
  int socket_ = -1;
  std::uint16_t port_ = 0;
};

[[nodiscard]] Datagram sealed(const Heartbeat& heartbeat, const std::string& key);

// Both beat until both hear the other; false: they never do.
[[nodiscard]] bool beat_until_they_meet(Director& a, Director& b);

}  // namespace lvs::testing

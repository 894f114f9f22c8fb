#include "tests/component/agent_election/port_harness.h"

#include <cstdlib>
#include <fstream>

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "agent/election/heartbeat_socket.h"
#include "agent/election/replay_guard.h"
#include "tests/component/operator/eventually.h"

namespace lvs::testing {

IpAddress ip(const std::string& text) { return IpAddress::parse(text).value(); }

KeyFile::KeyFile(const std::string& text) : path_("/tmp/lvs-heartbeat-key-XXXXXX") {
  ::close(::mkstemp(path_.data()));
  write(text);
}
KeyFile::~KeyFile() { ::unlink(path_.c_str()); }
void KeyFile::write(const std::string& text) const { std::ofstream(path_) << text; }

Director::Director(const std::string& name, const std::string& key_file, const std::string& address)
    : name_(name), address_(ip(address)), boot_(make_boot()) {
  auto port = HeartbeatPort::open({name, {address_}, 0, key_file}, [this](Heartbeat heartbeat) {
    const std::lock_guard lock(mutex_);
    heard_.push_back(std::move(heartbeat));
  });
  if (!port) ADD_FAILURE() << port.error().message;
  port_ = std::move(port.value());
}

void Director::meet(const std::vector<Director*>& peers) {
  HeartbeatPeers map;
  for (const Director* peer : peers) map[peer->name_] = {{peer->address_, peer->port()}};
  port_->set_peers(map);
}

Heartbeat Director::next() const {
  Heartbeat heartbeat;
  heartbeat.node = name_;
  heartbeat.boot = boot_;
  heartbeat.sequence = sequence_ + 1;
  heartbeat.available = true;
  const std::lock_guard lock(mutex_);
  if (heard_.empty()) return heartbeat;
  const Heartbeat& last = heard_.back();
  heartbeat.echoes = {{last.node, last.boot, last.sequence, Duration{1}}};
  return heartbeat;
}

void Director::beat() {
  port_->send(next());
  ++sequence_;
}

std::size_t Director::heard() const {
  const std::lock_guard lock(mutex_);
  return heard_.size();
}

Heartbeat Director::last() const {
  const std::lock_guard lock(mutex_);
  return heard_.back();
}

Outsider::Outsider(const std::string& address, std::uint16_t port) : address_(ip(address)) {
  const auto socket = open_heartbeat_socket(address_, port);
  if (!socket) ADD_FAILURE() << socket.error().message;
  socket_ = socket.value();
  port_ = bound_port(socket_);
}
Outsider::~Outsider() { ::close(socket_); }

void Outsider::send(const Datagram& datagram, const Director& to) {
  EXPECT_TRUE(send_datagram(socket_, datagram, to.address(), to.port()));
}

Datagram Outsider::receive() {
  pollfd waiting{socket_, POLLIN, 0};
  if (::poll(&waiting, 1, 1'000) <= 0) return {};
  Datagram datagram(2'000);
  sockaddr_in from{};
  socklen_t length = sizeof from;
  const auto size = ::recvfrom(socket_, datagram.data(), datagram.size(), 0,
                               reinterpret_cast<sockaddr*>(&from), &length);
  sender_ = ::inet_ntoa(from.sin_addr);
  datagram.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
  return datagram;
}

Datagram sealed(const Heartbeat& heartbeat, const std::string& key) {
  auto ring = std::move(HeartbeatKeyRing::parse(key).value());
  return seal_heartbeat(heartbeat, ring.signer()).value().at(0);
}

bool beat_until_they_meet(Director& a, Director& b) {
  const std::size_t a_heard = a.heard();
  const std::size_t b_heard = b.heard();
  return eventually([&] {
    a.beat();
    b.beat();
    return a.heard() > a_heard && b.heard() > b_heard;
  });
}

}  // namespace lvs::testing

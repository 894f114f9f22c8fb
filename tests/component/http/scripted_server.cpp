#include "tests/component/http/scripted_server.h"

#include <cstdio>
#include <cstring>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace lvs::test {
namespace {

constexpr int kLongestWaitMs = 20'000;

bool readable(int fd) {
  pollfd waited{fd, POLLIN, 0};
  return ::poll(&waited, 1, kLongestWaitMs) > 0;
}

}  // namespace

std::string ScriptedServer::Peer::read_request() {
  std::string request;
  char byte = 0;
  while (!request.ends_with("\r\n\r\n")) {
    if (!readable(fd_) || ::recv(fd_, &byte, 1, 0) != 1) return {};
    request += byte;
  }
  return request;
}

bool ScriptedServer::Peer::write(const std::string& bytes) {
  return ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL) ==
         static_cast<ssize_t>(bytes.size());
}

bool ScriptedServer::Peer::wait_for_close() {
  char scrap[256];
  while (readable(fd_)) {
    if (::recv(fd_, scrap, sizeof scrap, 0) <= 0) return true;
  }
  return false;
}

ScriptedServer::ScriptedServer(Script script, const char* loopback)
    : script_(std::move(script)), host_(loopback) {
  const bool v6 = host_.find(':') != std::string::npos;
  sockaddr_in6 six{};
  six.sin6_family = AF_INET6;
  six.sin6_addr = in6addr_loopback;
  sockaddr_in four{};
  four.sin_family = AF_INET;
  four.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  auto* address = v6 ? reinterpret_cast<sockaddr*>(&six) : reinterpret_cast<sockaddr*>(&four);
  socklen_t size = v6 ? sizeof six : sizeof four;
  listener_ = ::socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  ::bind(listener_, address, size);
  ::listen(listener_, 16);
  ::getsockname(listener_, address, &size);
  port_ = ntohs(v6 ? six.sin6_port : four.sin_port);
  thread_ = std::thread([this] { accept_all(); });
}

ScriptedServer::~ScriptedServer() {
  ::shutdown(listener_, SHUT_RDWR);
  thread_.join();
  ::close(listener_);
  for (auto& peer : peers_) peer.join();
}

void ScriptedServer::accept_all() {
  for (;;) {
    const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) return;
    ++connections_;
    peers_.emplace_back([this, fd] {
      Peer peer(fd);
      script_(peer);
      ::close(fd);
    });
  }
}

std::string ScriptedServer::url() const {
  const bool v6 = host_.find(':') != std::string::npos;
  return "http://" + (v6 ? "[" + host_ + "]" : host_) + ":" + std::to_string(port_);
}

std::string plain_response(const std::string& body, int status) {
  return "HTTP/1.1 " + std::to_string(status) +
         " X\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

std::string chunked_header() { return "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"; }

std::string chunk(const std::string& data) {
  char size[20];
  std::snprintf(size, sizeof size, "%zx\r\n", data.size());
  return size + data + "\r\n";
}

std::string last_chunk() { return "0\r\n\r\n"; }

}  // namespace lvs::test

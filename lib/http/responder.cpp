#include "http/responder.h"

namespace lvs {

Responder::Responder(std::shared_ptr<Sink> sink) : sink_(std::move(sink)) {}
Responder::Responder(Responder&&) noexcept = default;

Responder& Responder::operator=(Responder&& other) noexcept {
  if (this != &other) {
    const Responder dropped(std::move(sink_));
    sink_ = std::move(other.sink_);
  }
  return *this;
}

Responder::~Responder() { respond({500, {}, "the request was not answered\n"}); }

void Responder::respond(HttpResponse response) {
  const auto sink = std::exchange(sink_, nullptr);
  if (sink) sink->send(std::move(response));
}

}  // namespace lvs

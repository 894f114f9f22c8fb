// Internal to lib/http: the server's side of a Responder.
#pragma once

#include "http/server.h"

namespace lvs {

class Responder::Sink {
 public:
  virtual ~Sink() = default;
  // Any thread; at most once.
  virtual void send(HttpResponse response) = 0;
};

}  // namespace lvs

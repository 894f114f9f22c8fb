// Where the resources come from. A source runs on threads of its own and posts what it sees; what
// it posts is described in operator/events.h.
#pragma once

namespace lvs {

class Source {
 public:
  virtual ~Source() = default;  // ends it; nothing is posted afterwards
};

}  // namespace lvs

// Where the status of resources goes.
#pragma once

#include "api/resources.h"
#include "api/status.h"
#include "operator/status/object_event.h"

namespace lvs {

// Called on the operator's loop; must not block. Only what has changed is handed over.
class StatusSink {
 public:
  virtual ~StatusSink() = default;
  virtual void write(const ObjectKey& key, const VirtualServiceStatus& status) = 0;
  virtual void write(const ObjectKey& key, const RealServerStatus& status) = 0;
  // Once for each happening, unless two operators tell it.
  virtual void tell(const ObjectEvent& event) = 0;
  // The object is gone.
  virtual void forget(Kind kind, const ObjectKey& key) = 0;
  // All that is known now has been handed over.
  virtual void flush() {}
};

}  // namespace lvs

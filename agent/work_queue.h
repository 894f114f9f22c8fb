// Which services are to be looked at, in two priorities: what a patch touched goes before what a
// whole plan or a reconciliation brings, so that a small change overtakes a large one.
#pragma once

#include <map>
#include <optional>
#include <set>

#include "core/operation.h"

namespace lvs {

// Why a service is looked at.
struct Look {
  bool changed = false;  // the plan changed, or an operation was refused: differences are expected
  bool reread = false;   // read it from the kernel first
};

// What is left of a change that is longer than a slice.
struct Remainder {
  ServiceKey key;
  ChangeSet operations;
  std::size_t next = 0;
  bool failed = false;    // an operation of its earlier slices was refused
  std::size_t drift = 0;  // operations that repair what nobody was told to change
};

struct QueuedWork {
  ServiceKey key;
  Look look;
};

class WorkQueue {
 public:
  void push_urgent(const ServiceKey& key, Look look);
  void push_routine(const ServiceKey& key, Look look);
  // Forgets the service: it will be looked at anew. True: a change that was wanted is left half
  // done.
  bool drop_remainder(const ServiceKey& key);
  void mark_remainder_failed(const ServiceKey& key);

  [[nodiscard]] bool has_urgent() const { return !urgent_.keys.empty() || urgent_.rest; }
  [[nodiscard]] bool empty() const;
  [[nodiscard]] bool has_changes() const;
  // Is a service of this address going to be changed? A mere look does not count.
  [[nodiscard]] bool changes(const IpAddress& vip) const;

  std::optional<Remainder> take_remainder(bool urgent);
  std::optional<QueuedWork> take(bool urgent);
  void put_remainder(bool urgent, Remainder remainder);

 private:
  struct Lane {
    std::map<ServiceKey, Look> keys;
    std::optional<Remainder> rest;
  };
  [[nodiscard]] Lane& lane(bool urgent) { return urgent ? urgent_ : routine_; }
  void push(Lane& lane, const ServiceKey& key, Look look);

  Lane urgent_;
  Lane routine_;
};

}  // namespace lvs

// Keeps a sink in step with all objects of one kind: list in pages, then watch, for ever.
//
// What it promises to the sink:
// - on_listed() comes first and says every object there is: what is absent has been deleted. It is
//   sent only for a list that was read to its end; a failed or partial list sends nothing.
// - then on_put() and on_deleted(), in the server's order, only for real changes: an update that
//   leaves the decoded object as it was (somebody's status, a node's heartbeat) is not passed on,
//   unless the object did not decode in between.
// - on_disconnected() says that the view may be old. Nothing is deleted by it; the view is current
//   again at the next on_connected() or on_listed().
// - an object that does not decode is reported and keeps its last good version, in lists as well;
//   one that never had any is listed as unknown.
#pragma once

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "api/resources.h"
#include "base/backoff.h"
#include "base/clock.h"
#include "base/result.h"
#include "kube/api_client.h"

namespace lvs {

// All objects of a kind.
struct Listing {
  std::vector<Resource> objects;
  std::set<ObjectKey> unknown;  // there, but not to be understood
  // Older than what was seen before: the server was emptied, restored from a backup, or answers from
  // an old cache. What is absent may not have been deleted.
  bool went_back = false;
};

// Called on the reflector's thread, never at the same time by one reflector.
class ReflectorSink {
 public:
  virtual ~ReflectorSink() = default;
  virtual void on_listed(Kind kind, Listing listing) = 0;
  virtual void on_put(Kind kind, Resource object) = 0;
  virtual void on_deleted(Kind kind, ObjectKey key) = 0;
  // The watch runs (again): the view is current.
  virtual void on_connected(Kind kind) = 0;
  virtual void on_disconnected(Kind kind, const Error& error) = 0;
  virtual void on_undecodable(Kind kind, const ObjectKey& key, const Error& error) = 0;
};

struct ReflectorOptions {
  Kind kind = Kind::kVirtualService;
  std::string ns;  // empty: all namespaces
  int page_size = 500;
  Duration call_timeout{60'000};
  Duration server_timeout{300'000};  // of one watch; a random share of it is added
  Duration idle_timeout{150'000};
  BackoffPolicy backoff{Duration{200}, Duration{15'000}};
  // A watch that fails so often in a row, with nothing received, is given up for a new list: its
  // resource version may belong to a server that was restored from a backup.
  int failures_before_relist = 5;
  std::function<Result<Resource>(const nlohmann::json&)> decode;  // empty: lvs::decode_resource()
};

class Reflector {
 public:
  // Starts its thread. Client and sink must outlive it.
  Reflector(ApiClient& client, ReflectorSink& sink, ReflectorOptions options);
  ~Reflector();  // stop()
  Reflector(const Reflector&) = delete;
  Reflector& operator=(const Reflector&) = delete;

  // Ends the thread within some milliseconds; no callback comes afterwards. Not from a callback.
  void stop();

 private:
  class Loop;
  std::unique_ptr<Loop> loop_;
};

}  // namespace lvs

#include "kube/reflector.h"

#include <charconv>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <random>
#include <thread>

#include <nlohmann/json.hpp>

#include "api/codec.h"
#include "kube/reflector_store.h"
#include "kube/watch_decoder.h"

namespace lvs {
namespace {

using Json = nlohmann::json;

// A watch that lived so long has worked, even if nothing happened in it.
constexpr Duration kSoundWatch{5'000};

std::string api_version(const ResourceType& type) {
  return type.group.empty() ? type.version : type.group + "/" + type.version;
}

// A failure of the way to the server, not of what was asked: worth the same try again.
bool is_transient(ErrorCode code) {
  return code == ErrorCode::kUnavailable || code == ErrorCode::kTimeout ||
         code == ErrorCode::kCorrupt || code == ErrorCode::kIo;
}

// Versions of one kind are numbers that grow (KEP 5504; of every API server before it, too).
bool is_older(const std::string& version, const std::string& than) {
  std::uint64_t a = 0;
  std::uint64_t b = 0;
  const auto read = [](const std::string& text, std::uint64_t& number) {
    const auto* end = text.data() + text.size();
    return std::from_chars(text.data(), end, number).ptr == end && !text.empty();
  };
  return read(version, a) && read(than, b) && a < b;
}

}  // namespace

class Reflector::Loop {
 public:
  Loop(ApiClient& client, ReflectorSink& sink, ReflectorOptions options)
      : client_(client),
        sink_(sink),
        options_(std::move(options)),
        type_(resource_type(options_.kind)),
        store_(options_.decode ? options_.decode : default_decode()),
        backoff_(options_.backoff) {
    thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
  }

  void stop() {
    thread_.request_stop();
    if (thread_.joinable()) thread_.join();
  }

 private:
  // How one watch ended. `relist`: its resource version is of no more use.
  struct WatchEnd {
    std::optional<Error> error;
    bool relist = false;
    bool sound = false;  // something came, or it lived long
  };

  static ReflectorStore::Decode default_decode() {
    return [](const Json& object) { return decode_resource(object, UnknownFields::kIgnore); };
  }

  void run(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      if (auto listed = list(stop); !listed) {
        if (stop.stop_requested()) return;
        disconnected(listed.error());
        pause(stop);
        continue;
      }
      watch_until_stale(stop);
    }
  }

  Result<void> list(const std::stop_token& stop) {
    ReflectorStore::Draft draft;
    ListQuery query{options_.ns, {}, {}, options_.page_size, {}};
    std::string version;
    for (;;) {
      const auto text =
          client_.list_page(type_, query, {options_.call_timeout, Duration{30'000}, stop});
      if (!text && text.error().code == ErrorCode::kConflict && !query.continue_token.empty()) {
        // The pages have expired under way: all at once, so that it cannot happen again.
        query.limit = 0;
        query.continue_token.clear();
        draft = {};
        continue;
      }
      if (!text) return tl::unexpected(explained(text.error()));
      Json items;
      const auto page = decode_list_page(*text, items);
      if (!page) return tl::unexpected(page.error());
      for (auto& item : items) complete(item);
      store_.add_page(draft, items);
      query.continue_token = page->continue_token;
      version = page->resource_version;
      if (query.continue_token.empty()) break;
    }
    if (stop.stop_requested()) return fail(ErrorCode::kUnavailable, "stopped");
    const auto undecodable = draft.undecodable;
    connected_ = true;
    last_error_.clear();
    Listing listing = store_.commit(std::move(draft));
    listing.went_back = is_older(version, resource_version_);
    resource_version_ = std::move(version);
    sink_.on_listed(options_.kind, std::move(listing));
    for (const auto& [key, error] : undecodable) sink_.on_undecodable(options_.kind, key, error);
    return {};
  }

  // The API server leaves out in lists of its own kinds what the list's kind says already.
  void complete(Json& object) const {
    object.emplace("apiVersion", api_version(type_));
    object.emplace("kind", std::string(to_string(options_.kind)));
  }

  [[nodiscard]] Error explained(Error error) const {
    if (error.code == ErrorCode::kNotFound && !type_.group.empty()) {
      error.message += "; is the CustomResourceDefinition installed (kubectl apply -f crds/)?";
    }
    return error;
  }

  // Watches again and again from the last resource version, until only a new list can help.
  void watch_until_stale(const std::stop_token& stop) {
    int failures = 0;
    while (!stop.stop_requested()) {
      const WatchEnd end = watch_once(stop);
      if (stop.stop_requested()) return;
      if (end.sound) {
        failures = 0;
        backoff_.reset();
      }
      if (end.error && !end.relist) disconnected(*end.error);
      if (!end.sound || end.error) {
        ++failures;
        pause(stop);
      }
      if (end.relist || failures >= options_.failures_before_relist) return;
    }
  }

  WatchEnd watch_once(const std::stop_token& stop) {
    WatchEnd end;
    const auto start = SystemClock{}.now();
    WatchQuery query;
    query.ns = options_.ns;
    query.resource_version = resource_version_;
    query.server_timeout = options_.server_timeout +
                           Duration(static_cast<Duration::rep>(
                               random() * static_cast<double>(options_.server_timeout.count())));
    query.idle_timeout = options_.idle_timeout;
    query.stop = stop;
    query.on_open = [this] { connected(); };
    const auto result = client_.watch(type_, query, [&](std::string_view line) {
      return take_line(line, end) && !stop.stop_requested();
    });
    if (!result) {
      end.error = result.error();
      end.relist = !is_transient(result.error().code);
    }
    end.sound = end.sound || (!end.error && SystemClock{}.now() - start >= kSoundWatch);
    return end;
  }

  // False: the watch is of no more use.
  bool take_line(std::string_view line, WatchEnd& end) {
    Json object;
    const auto event = decode_watch_line(line, object);
    if (!event) {
      end.error = event.error();
      return false;
    }
    if (event->type == WatchEvent::Type::kError) {
      end.error = Error{ErrorCode::kUnavailable, "watch: " + event->error_message};
      end.relist = event->error_code == 410;
      return false;
    }
    end.sound = true;
    resource_version_ = event->resource_version;
    if (event->type == WatchEvent::Type::kDeleted) {
      if (store_.remove(event->key)) sink_.on_deleted(options_.kind, event->key);
    } else if (event->type != WatchEvent::Type::kBookmark) {
      take_object(event->key, object);
    }
    return true;
  }

  void take_object(const ObjectKey& key, Json& object) {
    complete(object);
    auto change = store_.put(key, object);
    if (change.put) sink_.on_put(options_.kind, std::move(*change.put));
    if (change.undecodable) sink_.on_undecodable(options_.kind, key, change.undecodable->error);
  }

  void connected() {
    if (!connected_) sink_.on_connected(options_.kind);
    connected_ = true;
    last_error_.clear();
  }

  // The same news is told once.
  void disconnected(const Error& error) {
    if (!connected_ && error.message == last_error_) return;
    connected_ = false;
    last_error_ = error.message;
    sink_.on_disconnected(options_.kind, error);
  }

  void pause(const std::stop_token& stop) {
    std::unique_lock lock(pause_mutex_);
    pause_.wait_for(lock, stop, backoff_.next(random()), [] { return false; });
  }

  double random() { return std::uniform_real_distribution<double>(0.0, 1.0)(generator_); }

  ApiClient& client_;
  ReflectorSink& sink_;
  const ReflectorOptions options_;
  const ResourceType type_;
  ReflectorStore store_;
  Backoff backoff_;
  std::string resource_version_;
  std::string last_error_;
  bool connected_ = false;
  std::mt19937 generator_{std::random_device{}()};
  std::mutex pause_mutex_;
  std::condition_variable_any pause_;
  std::jthread thread_;
};

Reflector::Reflector(ApiClient& client, ReflectorSink& sink, ReflectorOptions options)
    : loop_(std::make_unique<Loop>(client, sink, std::move(options))) {}

Reflector::~Reflector() { stop(); }

void Reflector::stop() { loop_->stop(); }

}  // namespace lvs

#include "operator/sources/kubernetes_source.h"

#include <map>
#include <vector>

#include "kube/reflector.h"

namespace lvs {
namespace {

// Turns what one reflector sees into events. Called on that reflector's thread only.
class KindSink final : public ReflectorSink {
 public:
  KindSink(Kind kind, PostEvent post)
      : name_("kubernetes:" + std::string(to_string(kind))), post_(std::move(post)) {}

  void on_listed(Kind kind, Listing listing) override {
    problems_.clear();
    post_problems();
    post_(Listed{kind, std::move(listing.objects), std::move(listing.unknown), listing.went_back});
    post_(Trouble{name_, ""});  // the view is current: no on_connected() follows
  }
  void on_put(Kind, Resource object) override {
    if (problems_.erase(meta_of(object).key) > 0) post_problems();
    post_(Put{std::move(object)});
  }
  void on_deleted(Kind kind, ObjectKey key) override {
    if (problems_.erase(key) > 0) post_problems();
    post_(Deleted{kind, std::move(key)});
  }
  void on_connected(Kind) override { post_(Trouble{name_, ""}); }
  void on_disconnected(Kind, const Error& error) override {
    post_(Trouble{name_, "the watch is interrupted: " + error.message});
  }
  void on_undecodable(Kind, const ObjectKey& key, const Error& error) override {
    problems_[key] = error.message + "; it stays as it was";
    post_problems();
  }

 private:
  void post_problems() {
    std::vector<std::string> texts;
    for (const auto& [key, text] : problems_) texts.push_back(text);
    post_(Problems{name_, std::move(texts)});
  }

  std::string name_;
  PostEvent post_;
  std::map<ObjectKey, std::string> problems_;
};

class KubernetesSource final : public Source {
 public:
  KubernetesSource(ApiClient& client, const std::string& ns, const PostEvent& post) {
    for (const auto kind : {Kind::kNode, Kind::kRealServer, Kind::kVirtualService}) {
      sinks_.push_back(std::make_unique<KindSink>(kind, post));
      ReflectorOptions options;
      options.kind = kind;
      if (kind != Kind::kNode) options.ns = ns;
      reflectors_.push_back(std::make_unique<Reflector>(client, *sinks_.back(), options));
    }
  }

 private:
  std::vector<std::unique_ptr<KindSink>> sinks_;
  std::vector<std::unique_ptr<Reflector>> reflectors_;  // after the sinks: ends before them
};

}  // namespace

std::unique_ptr<Source> make_kubernetes_source(ApiClient& client, const std::string& ns,
                                               const PostEvent& post) {
  return std::make_unique<KubernetesSource>(client, ns, post);
}

}  // namespace lvs

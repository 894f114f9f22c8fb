// The answer of `lvsctl explain SERVER` as a value: why a real server gets connections, or why not.
// Built purely, from what agents answered or from what the API server has.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/kube_objects.h"
#include "cli/node_answers.h"

namespace lvs::cli {

// The server in one service's table on one director.
struct ServerOnDirector {
  std::string director;
  std::string role;  // holder, standby, or empty: it did not answer
  std::optional<std::uint32_t>
      wanted;  // the weight of the resource; nothing: not planned, or not known
  std::optional<std::uint32_t> kernel;  // nothing: it is not in the table
  std::optional<std::uint64_t> active;
  std::optional<std::uint64_t> inactive;
  std::string state;  // as core/standing.h names it
};

struct ExplainedService {
  std::string service;          // "TCP 192.168.100.100:80"
  std::string virtual_service;  // "shop/web"; empty: not known
  std::vector<ServerOnDirector> directors;
};

// One of the questions that decide whether connections come.
struct ServerCheck {
  std::string question;
  std::optional<bool> good;  // nothing: not known
  std::string detail;
  std::string next;  // what to do; empty: nothing
};

struct Explanation {
  std::string name;  // "shop/web-2", or the node where no RealServer is known
  std::string node;  // empty: it prepares itself
  std::vector<std::string> addresses;
  std::vector<ExplainedService> services;
  std::vector<ServerCheck> checks;
  bool complete = true;  // every node that was asked has answered

  // Whoever decides for a service gives it connections: the holder, or while there is none nobody.
  [[nodiscard]] bool is_served(const ExplainedService& service) const;
  [[nodiscard]] bool is_serving() const;
  // What to do, most pressing first; never empty.
  [[nodiscard]] std::vector<std::string> next() const;
};

// Which server is meant by "web-1", "shop/web-1", a node's name or an address.
struct ServerChoice {
  std::optional<ObjectKey> key;  // nothing: only agents were asked
  std::string node;
  std::vector<IpAddress> addresses;
};
// kNotFound names those that there are, kConflict those that could be meant.
[[nodiscard]] Result<ServerChoice> choose_server(const ClusterSnapshot& snapshot,
                                                 const std::string& name);
[[nodiscard]] Result<ServerChoice> choose_server(const ClusterAnswers& answers,
                                                 const std::string& name);

// Nothing: nobody forces the server up or down.
[[nodiscard]] std::optional<ServerCheck> check_forced(const ClusterSnapshot& snapshot,
                                                      const ObjectKey& server);

[[nodiscard]] Result<Explanation> explain_from_agents(const ClusterAnswers& answers,
                                                      const std::string& name);
[[nodiscard]] Result<Explanation> explain_from_objects(const ClusterObjects& objects,
                                                       const std::string& name);

[[nodiscard]] std::string to_text(const Explanation& explanation, bool colour);
[[nodiscard]] std::string to_json(const Explanation& explanation);
[[nodiscard]] int exit_code_of(const Explanation& explanation);

}  // namespace lvs::cli

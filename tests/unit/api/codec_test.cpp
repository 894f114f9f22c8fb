// Decoding of the resources. What is refused, and in which words, is in tests/refused; here is what
// comes out.
#include "api/codec.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lvs {
namespace {

using ::testing::HasSubstr;

Resource decoded(const std::string& json, UnknownFields unknown = UnknownFields::kRefuse) {
  auto resource = decode_resource(json, unknown);
  EXPECT_TRUE(resource) << resource.error().message;
  return std::move(*resource);
}

std::string refusal(const std::string& json, UnknownFields unknown = UnknownFields::kRefuse) {
  const auto resource = decode_resource(json, unknown);
  return resource ? "accepted" : resource.error().message;
}

std::string ours(const std::string& kind, const std::string& spec) {
  return R"({"apiVersion":"lvs-operator.io/v1alpha1","kind":")" + kind +
         R"(","metadata":{"name":"web","namespace":"shop"},"spec":)" + spec + "}";
}

TEST(Codec, FillsTheDefaultsOfTheSchema) {
  const auto service = std::get<VirtualService>(decoded(ours("VirtualService", R"({
      "vips": ["192.0.2.1"], "ports": [{"port": 80}],
      "realServerSelector": {"matchLabels": {"app": "web"}},
      "healthCheck": {"type": "HTTP"}, "persistence": {}})")));
  EXPECT_EQ(service.meta.key, (ObjectKey{"shop", "web"}));
  EXPECT_EQ(service.spec.ports[0].protocol, Protocol::kTcp);
  EXPECT_EQ(service.spec.scheduler.name, "wrr");
  EXPECT_EQ(service.spec.forwarding, ForwardingMethod::kDirectRouting);
  EXPECT_EQ(service.spec.persistence->timeout, Duration(60'000));
  EXPECT_FALSE(service.spec.persistence->prefix_length);
  EXPECT_EQ(service.spec.fail_open_percent, 50);
  EXPECT_EQ(service.spec.drain_timeout, Duration(60'000));
  EXPECT_FALSE(service.spec.paused);
  const auto& check = *service.spec.health_check;
  EXPECT_EQ(type_of(check.kind), "HTTP");
  EXPECT_EQ(std::get<HttpCheck>(check.kind), HttpCheck{});
  EXPECT_EQ(check.interval, Duration(1000));
  EXPECT_EQ(check.rise, 2);
  EXPECT_EQ(check.fall, 3);
}

TEST(Codec, ReadsEveryFieldOfAnHttpsCheck) {
  const auto service = std::get<VirtualService>(decoded(ours("VirtualService", R"({
      "vips": ["192.0.2.1"], "ports": [{"port": 443}],
      "realServerSelector": {"matchLabels": {"app": "web"}},
      "healthCheck": {"type": "HTTPS", "path": "/health", "expectStatus": [200], "fastInterval": "100ms", "target": "InPath",
          "http": {"method": "POST", "host": "shop.example", "headers": [{"name": "X-A", "value": "b"}],
                   "version": "1.0", "bodyContains": "ok"},
          "tls": {"serverName": "a.example", "caFile": "ca.pem", "insecure": true,
                  "certificateFile": "c.pem", "keyFile": "k.pem", "minVersion": "1.3"}}})")));
  const auto& check = *service.spec.health_check;
  EXPECT_EQ(type_of(check.kind), "HTTPS");
  EXPECT_EQ(check.fast_interval, Duration(100));
  EXPECT_EQ(check.target, CheckTarget::kInPath);
  EXPECT_EQ(std::get<HttpCheck>(check.kind),
            (HttpCheck{"/health",
                       {{200, 200}},
                       "POST",
                       "shop.example",
                       {{"X-A", "b"}},
                       "1.0",
                       "ok",
                       TlsOptions{"a.example", "ca.pem", true, "c.pem", "k.pem", "1.3"}}));
}

TEST(Codec, ReadsEveryFieldOfAVirtualService) {
  const auto service = std::get<VirtualService>(decoded(ours("VirtualService", R"({
      "vips": ["192.0.2.1", "2001:db8::1"],
      "ports": [{"name": "http", "protocol": "UDP", "port": 80, "targetPort": 8080,
                 "healthCheck": {"type": "TCP", "port": 81, "interval": "2s", "timeout": "500ms",
                                 "rise": 1, "fall": 5}}],
      "scheduler": {"name": "mh", "flags": ["mh-port"]}, "forwarding": "Masquerade",
      "persistence": {"timeout": "1m30s", "prefixLength": 24},
      "realServerSelector": {"matchExpressions": [
          {"key": "app", "operator": "NotIn", "values": ["a", "b"]},
          {"key": "zone", "operator": "Exists"}]},
      "healthCheck": {"type": "HTTP", "path": "/health", "expectStatus": [204, "300-399"]},
      "failOpenPercent": 20, "onFailure": "Remove",
      "sorryServer": {"address": "192.0.2.9", "forwarding": "Tunnel", "port": 8443}, "drainTimeout": "0",
      "directors": {"nodeSelector": {"matchLabels": {"rack": "a"}}, "preferred": ["d-1"]},
      "interface": "eth1", "paused": true})")));
  const auto& spec = service.spec;
  EXPECT_EQ(spec.vips[1].to_string(), "2001:db8::1");
  EXPECT_EQ(spec.ports[0].name, "http");
  EXPECT_EQ(spec.ports[0].protocol, Protocol::kUdp);
  EXPECT_EQ(spec.ports[0].target_port, 8080);
  EXPECT_EQ(spec.ports[0].health_check->port, 81);
  EXPECT_EQ(spec.ports[0].health_check->timeout, Duration(500));
  EXPECT_EQ(spec.scheduler, (SchedulerSpec{"mh", {"mh-port"}}));
  EXPECT_EQ(spec.persistence->timeout, Duration(90'000));
  EXPECT_EQ(spec.persistence->prefix_length, 24);
  EXPECT_EQ(spec.real_server_selector.match_expressions[0].op, LabelRequirement::Operator::kNotIn);
  EXPECT_EQ(spec.real_server_selector.match_expressions[1].op, LabelRequirement::Operator::kExists);
  EXPECT_EQ(std::get<HttpCheck>(spec.health_check->kind).expect_status,
            (std::vector<StatusRange>{{204, 204}, {300, 399}}));
  EXPECT_EQ(spec.on_failure, OnFailure::kRemove);
  EXPECT_EQ(spec.sorry_server->address.to_string(), "192.0.2.9");
  EXPECT_EQ(spec.sorry_server->forwarding, ForwardingMethod::kTunnel);
  EXPECT_EQ(spec.sorry_server->port, 8443);
  EXPECT_EQ(spec.drain_timeout, Duration::zero());
  EXPECT_EQ(spec.directors.node_selector.match_labels.at("rack"), "a");
  EXPECT_EQ(spec.directors.preferred, std::vector<std::string>{"d-1"});
  EXPECT_EQ(spec.interface, "eth1");
  EXPECT_TRUE(spec.paused);
}

TEST(Codec, ReadsARealServer) {
  const auto server = std::get<RealServer>(decoded(ours("RealServer", R"({
      "nodeName": "n-1", "address": "192.0.2.7", "weight": 0, "maxConnections": 4294967295,
      "minConnections": 7, "drain": true})")));
  EXPECT_EQ(server.spec.node_name, "n-1");
  EXPECT_EQ(server.spec.address->to_string(), "192.0.2.7");
  EXPECT_EQ(server.spec.weight, 0U);
  EXPECT_EQ(server.spec.max_connections, 4294967295U);
  EXPECT_TRUE(server.spec.drain);
}

TEST(Codec, ReadsWhatIsUsedOfANode) {
  const auto node = std::get<Node>(decoded(R"({
      "apiVersion": "v1", "kind": "Node",
      "metadata": {"name": "n-1", "labels": {"lvs-operator.io/director": "true"},
                   "annotations": {"lvs-operator.io/agent-port": "9999"}, "generation": 4,
                   "creationTimestamp": "2026-01-31T08:15:00Z", "uid": "x", "managedFields": []},
      "spec": {"podCIDR": "10.0.0.0/24"},
      "status": {"addresses": [{"type": "Hostname", "address": "n-1"},
                               {"type": "InternalIP", "address": "192.0.2.7"},
                               {"type": "ExternalIP", "address": "198.51.100.7"},
                               {"type": "InternalIP", "address": "2001:db8::7"}],
                 "capacity": {"cpu": "4"}}})"));
  EXPECT_TRUE(node.is_director());
  EXPECT_EQ(node.agent_port, 9999);
  EXPECT_EQ(node.meta.generation, 4);
  EXPECT_EQ(node.meta.created, 1769847300);
  ASSERT_EQ(node.internal_ips.size(), 2U);
  EXPECT_EQ(node.internal_ip(Family::kV6)->to_string(), "2001:db8::7");
}

TEST(Codec, AnAgentPortThatIsNoneLeavesTheDefault) {
  for (const auto* text : {"", "0", "65536", "http", "80 "}) {
    const auto node = std::get<Node>(decoded(
        std::string(R"({"apiVersion":"v1","kind":"Node","metadata":{"name":"n","annotations":)") +
        R"({"lvs-operator.io/agent-port":")" + text + R"("}}})"));
    EXPECT_EQ(node.agent_port, kDefaultAgentPort) << text;
  }
}

TEST(Codec, NullIsAbsent) {
  const auto server = std::get<RealServer>(
      decoded(ours("RealServer", R"({"nodeName": "n-1", "weight": null, "address": null})")));
  EXPECT_EQ(server.spec.weight, 1U);
  EXPECT_FALSE(server.spec.address);
}

TEST(Codec, NamesObjectAndFieldAndAllProblems) {
  const auto text = refusal(ours("VirtualService", R"({
      "vips": ["192.0.2.1"], "ports": [{"protocol": "HTTP"}], "forwarding": "NAT",
      "realServerSelector": {}, "colour": "red"})"));
  EXPECT_THAT(text, HasSubstr("VirtualService shop/web: spec.ports[0].protocol: Unsupported value: "
                              "\"HTTP\": supported values: \"TCP\", \"UDP\", \"SCTP\""));
  EXPECT_THAT(text, HasSubstr("spec.ports[0].port: Required value"));
  EXPECT_THAT(text, HasSubstr("spec.forwarding: Unsupported value"));
  EXPECT_THAT(text, HasSubstr("unknown field \"spec.colour\""));
}

TEST(Codec, UnknownFieldsOfTheApiServerAreItsOwnBusiness) {
  const auto json = ours("RealServer", R"({"nodeName": "n-1", "colour": "red"})");
  EXPECT_EQ(refusal(json, UnknownFields::kIgnore), "accepted");
  EXPECT_THAT(refusal(json), HasSubstr("unknown field \"spec.colour\""));
}

TEST(Codec, OtherKindsAndVersionsAreNamed) {
  EXPECT_THAT(refusal(R"({"apiVersion":"v1","kind":"Pod","metadata":{"name":"p"}})"),
              HasSubstr("kind Pod of apiVersion v1 is not handled"));
  EXPECT_THAT(refusal(R"({"apiVersion":"lvs-operator.io/v2","kind":"RealServer"})"),
              HasSubstr("apiVersion lvs-operator.io/v2 is not handled"));
}

TEST(Codec, WhatIsNoObjectIsRefused) {
  for (const auto* text : {"", "{", "[]", "7", "\"x\"", "null", "{}", R"({"kind":7})"}) {
    EXPECT_NE(refusal(text), "accepted") << text;
  }
}

TEST(Codec, TimesAreRfc3339InUtc) {
  const auto with_time = [](const std::string& time) {
    return R"({"apiVersion":"v1","kind":"Node","metadata":{"name":"n","creationTimestamp":")" +
           time + R"("}})";
  };
  EXPECT_EQ(meta_of(decoded(with_time("1970-01-01T00:00:01Z"))).created, 1);
  for (const auto* time : {"2026-13-01T00:00:00Z", "2026-02-30T00:00:00Z", "2026-01-01T24:00:00Z",
                           "2026-01-01", "2026-01-01T00:00:00+01:00", "x"}) {
    EXPECT_THAT(refusal(with_time(time)), HasSubstr("not a time")) << time;
  }
}

}  // namespace
}  // namespace lvs

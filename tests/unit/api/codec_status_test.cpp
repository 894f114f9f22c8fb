#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "api/codec.h"

namespace lvs {
namespace {

using Json = nlohmann::json;

IpAddress ip(const std::string& text) { return IpAddress::parse(text).value(); }

TEST(StatusPatch, OfAVirtualService) {
  VirtualServiceStatus status;
  status.observed_generation = 3;
  status.conditions = {{"Ready", "True", "Serving", "all is well", 3, "2026-01-31T08:15:00Z"}};
  status.vips = {{ip("192.0.2.1"), "director-1", 4, "2026-01-31T08:15:00Z", "director-2", "Moved"},
                 {ip("2001:db8::1"), "", 0, "", "", ""}};
  status.real_servers = {3, 2, 1, 0};
  status.vips_text = "192.0.2.1,2001:db8::1";
  status.ports_text = "80/TCP";
  status.holder_text = "director-1";
  status.ready_text = "2/3";
  const Json expected = Json::parse(R"({
    "apiVersion": "lvs-operator.io/v1alpha1", "kind": "VirtualService",
    "metadata": {"name": "web", "namespace": "shop"},
    "status": {
      "observedGeneration": 3,
      "conditions": [{"type": "Ready", "status": "True", "reason": "Serving",
                      "message": "all is well", "observedGeneration": 3,
                      "lastTransitionTime": "2026-01-31T08:15:00Z"}],
      "vips": [{"address": "192.0.2.1", "holder": "director-1", "term": 4,
                "since": "2026-01-31T08:15:00Z", "previousHolder": "director-2",
                "reason": "Moved"},
               {"address": "2001:db8::1"}],
      "realServers": {"total": 3, "ready": 2, "draining": 1, "down": 0},
      "summary": {"vips": "192.0.2.1,2001:db8::1", "ports": "80/TCP", "holder": "director-1",
                  "ready": "2/3"}}})");
  EXPECT_EQ(Json::parse(encode_status_patch({"shop", "web"}, status)), expected);
}

TEST(StatusPatch, OfARealServer) {
  RealServerStatus status;
  status.observed_generation = 1;
  status.services = {{"web", 80, Protocol::kTcp, "Serving", "", 3}};
  status.address_text = "192.0.2.7";
  status.state_text = "Serving";
  status.services_text = "web:80";
  const Json expected = Json::parse(R"({
    "apiVersion": "lvs-operator.io/v1alpha1", "kind": "RealServer",
    "metadata": {"name": "rs", "namespace": "shop"},
    "status": {
      "observedGeneration": 1, "conditions": [],
      "services": [{"virtualService": "web", "port": 80, "protocol": "TCP", "state": "Serving",
                    "weight": 3}],
      "summary": {"address": "192.0.2.7", "state": "Serving", "services": "web:80"}}})");
  EXPECT_EQ(Json::parse(encode_status_patch({"shop", "rs"}, status)), expected);
}

TEST(StatusPatch, IsCutWhereTheSchemaWouldRefuseIt) {
  RealServerStatus status;
  status.services.resize(2000);
  status.conditions = {{"Prepared", "False", "Wrong", std::string(40'000, 'x'), 1, ""}};
  const Json patch = Json::parse(encode_status_patch({"shop", "rs"}, status));
  EXPECT_EQ(patch["status"]["services"].size(), 1024U);
  EXPECT_EQ(patch["status"]["conditions"][0]["message"].get<std::string>().size(), 32768U);
}

TEST(StatusPatch, IsJsonWhateverTheKernelSays) {
  RealServerStatus status;
  status.conditions = {{"Prepared", "False", "Wrong", "bytes \xff\xfe", 1, ""}};
  EXPECT_FALSE(
      Json::parse(encode_status_patch({"shop", "rs"}, status), nullptr, false).is_discarded());
}

}  // namespace
}  // namespace lvs

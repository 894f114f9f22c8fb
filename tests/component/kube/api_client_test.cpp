#include "kube/api_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "kube/lease.h"
#include "tests/component/kube/fake_http.h"

namespace lvs::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Json = nlohmann::json;

const ObjectKey kWeb{"shop", "web"};

Step refusal(int code, const std::string& reason, const std::string& message) {
  return answer(
      Json{{"kind", "Status"}, {"code", code}, {"reason", reason}, {"message", message}}.dump(),
      code);
}

class ApiClientTest : public ::testing::Test {
 protected:
  std::shared_ptr<FakeHttp> http = std::make_shared<FakeHttp>();
  std::vector<std::string> counted;
  std::vector<Duration> slept;
  ApiClient client{http,
                   {[this](std::string_view verb, int code, Duration) {
                      counted.push_back(std::string(verb) + " " + std::to_string(code));
                    },
                    [this](Duration wait, const std::stop_token&) { slept.push_back(wait); }}};
};

TEST_F(ApiClientTest, PathsAreThoseOfTheApi) {
  const auto services = resource_type(Kind::kVirtualService);
  EXPECT_EQ(collection_path(services, ""), "/apis/lvs-operator.io/v1alpha1/virtualservices");
  EXPECT_EQ(object_path(services, kWeb),
            "/apis/lvs-operator.io/v1alpha1/namespaces/shop/virtualservices/web");
  EXPECT_EQ(object_path(resource_type(Kind::kNode), {"", "node-1"}), "/api/v1/nodes/node-1");
  EXPECT_EQ(object_path(lease_type(), {"kube-system", "x"}),
            "/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/x");
}

TEST_F(ApiClientTest, ApplyOnStatusIsServerSideApply) {
  http->then(answer("{}"));
  ASSERT_TRUE(client.apply(resource_type(Kind::kVirtualService), kWeb, "{\"a\":1}",
                           {"lvs-operator", true, "status"}));
  EXPECT_THAT(
      http->calls(),
      ElementsAre("PATCH /apis/lvs-operator.io/v1alpha1/namespaces/shop/virtualservices/web/"
                  "status?fieldManager=lvs-operator&force=true"));
  const auto request = http->last_request();
  EXPECT_EQ(header_or_empty(request.headers, "content-type"), "application/apply-patch+yaml");
  EXPECT_EQ(request.body, "{\"a\":1}");
}

TEST_F(ApiClientTest, RefusalsCarryTheServersMessage) {
  const std::vector<std::tuple<int, std::string, ErrorCode>> table{
      {400, "BadRequest", ErrorCode::kInvalidArgument},
      {401, "Unauthorized", ErrorCode::kPermissionDenied},
      {403, "Forbidden", ErrorCode::kPermissionDenied},
      {404, "NotFound", ErrorCode::kNotFound},
      {409, "AlreadyExists", ErrorCode::kAlreadyExists},
      {409, "Conflict", ErrorCode::kConflict},
      {410, "Expired", ErrorCode::kConflict},
      {415, "UnsupportedMediaType", ErrorCode::kUnsupported},
      {422, "Invalid", ErrorCode::kInvalidArgument},
      {429, "TooManyRequests", ErrorCode::kUnavailable},
      {500, "InternalError", ErrorCode::kUnavailable},
      {504, "Timeout", ErrorCode::kUnavailable}};
  for (const auto& [code, reason, expected] : table) {
    http->then(refusal(code, reason, "the message\nof it"));
    const auto result = client.get(lease_type(), kWeb);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, expected) << code << reason;
    EXPECT_THAT(result.error().message, HasSubstr(reason + ": the message of it"));
    EXPECT_THAT(result.error().message, HasSubstr("GET /apis/coordination.k8s.io"));
  }
}

TEST_F(ApiClientTest, AnAnswerThatIsNoStatusIsQuotedShort) {
  http->then(answer(std::string(5'000, 'x'), 502));
  const auto result = client.get(lease_type(), kWeb);
  ASSERT_FALSE(result);
  EXPECT_LT(result.error().message.size(), 500U);
}

TEST_F(ApiClientTest, RetryAfterIsHonouredWithinTheBudget) {
  Step busy = refusal(429, "TooManyRequests", "later");
  busy.response.headers["Retry-After"] = "7";
  Step unavailable = refusal(503, "ServiceUnavailable", "later");
  unavailable.response.headers["Retry-After"] = "0";
  http->then(busy).then(unavailable).then(answer("{}"));
  EXPECT_TRUE(client.get(lease_type(), kWeb));
  EXPECT_THAT(slept, ElementsAre(Duration{7'000}, Duration{1'000}));
  EXPECT_THAT(counted, ElementsAre("get 429", "get 503", "get 200"));

  busy.response.headers["Retry-After"] = "31";
  http->then(busy);
  EXPECT_FALSE(client.get(lease_type(), kWeb));
  busy.response.headers["Retry-After"] = "1";
  http->then(busy);
  EXPECT_FALSE(client.get(lease_type(), kWeb, {Duration{1'000}, Duration{0}, {}}));
  busy.response.headers["Retry-After"] = "soon";
  http->then(busy);
  EXPECT_FALSE(client.get(lease_type(), kWeb));
}

TEST_F(ApiClientTest, NoAnswerCountsAsCodeZero) {
  http->then(failure(ErrorCode::kUnavailable, "refused"));
  EXPECT_FALSE(client.list_page(lease_type(), {}));
  EXPECT_THAT(counted, ElementsAre("list 0"));
}

TEST_F(ApiClientTest, ALeaseIsReadAndSwapped) {
  LeaseClient leases(client, Duration{150});
  Lease lease;
  lease.key = {"lvs-system", "vip-1"};
  lease.holder = "director-1";
  lease.duration = Duration{2'500};
  lease.transitions = 4;
  lease.labels = {{"app", "lvs"}};
  lease.renew_time = "2026-01-31T08:15:00.000123Z";
  lease.resource_version = "77";
  EXPECT_EQ(decode_lease(encode_lease(lease))->duration, Duration{3'000});
  http->then(answer(encode_lease(lease)));
  const auto read = leases.get(lease.key);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->holder, "director-1");
  EXPECT_EQ(read->transitions, 4U);
  EXPECT_EQ(read->labels, lease.labels);
  EXPECT_EQ(http->last_request().timeout, Duration{150});

  http->then(refusal(409, "Conflict", "the object has been modified"));
  const auto swapped = leases.update(*read);
  ASSERT_FALSE(swapped);
  EXPECT_EQ(swapped.error().code, ErrorCode::kConflict);
  EXPECT_EQ(Json::parse(http->last_request().body)["metadata"]["resourceVersion"], "77");

  http->then(refusal(409, "AlreadyExists", "leases \"vip-1\" already exists"));
  EXPECT_EQ(leases.create(*read).error().code, ErrorCode::kAlreadyExists);
  EXPECT_FALSE(Json::parse(http->last_request().body)["metadata"].contains("resourceVersion"));

  Lease unread;
  EXPECT_EQ(leases.update(unread).error().code, ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace lvs::test

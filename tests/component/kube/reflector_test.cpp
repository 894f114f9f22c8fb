// The reflector against a scripted API server: nothing is deleted from ignorance, nothing is
// missed.

#include "kube/reflector.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/component/kube/fake_http.h"
#include "tests/component/kube/recording_sink.h"

namespace lvs::test {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using Json = nlohmann::json;

Json object(const std::string& name, int weight, int version) {
  return {{"apiVersion", "lvs-operator.io/v1alpha1"},
          {"kind", "RealServer"},
          {"metadata",
           {{"name", name}, {"namespace", "shop"}, {"resourceVersion", std::to_string(version)}}},
          {"spec", {{"weight", weight}}}};
}

Step page(const std::vector<Json>& items, int version, const std::string& next = {}) {
  Json meta{{"resourceVersion", std::to_string(version)}};
  if (!next.empty()) meta["continue"] = next;
  return answer(Json{{"kind", "RealServerList"}, {"metadata", meta}, {"items", items}}.dump());
}

std::string event(const char* type, const Json& body) {
  return Json{{"type", type}, {"object", body}}.dump();
}

std::string bookmark(int version) {
  return event("BOOKMARK", {{"kind", "RealServer"},
                            {"metadata", {{"resourceVersion", std::to_string(version)}}}});
}

Json status(int code, const std::string& reason) {
  return {
      {"kind", "Status"}, {"code", code}, {"reason", reason}, {"message", reason + " happened"}};
}

// Knows names and weights; weight 13 does not decode.
Result<Resource> decode(const Json& json) {
  RealServer server;
  server.meta.key = {json["metadata"]["namespace"], json["metadata"]["name"]};
  const int weight = json["spec"]["weight"];
  if (weight == 13) return fail(ErrorCode::kInvalidArgument, "spec.weight: unlucky");
  server.spec.weight = static_cast<std::uint32_t>(weight);
  return server;
}

class ReflectorTest : public ::testing::Test {
 protected:
  std::vector<std::string> run(std::size_t calls) {
    ReflectorOptions options;
    options.kind = Kind::kRealServer;
    options.page_size = 2;
    options.backoff = {Duration{1}, Duration{2}};
    options.decode = decode;
    Reflector reflector(client, sink, options);
    auto seen = sink.wait_for(calls);
    http->wait_for_end_of_script();
    reflector.stop();
    return seen;
  }

  std::shared_ptr<FakeHttp> http = std::make_shared<FakeHttp>();
  ApiClient client{http, {{}, [](Duration, const std::stop_token&) {}}};
  RecordingSink sink;
};

constexpr const char* kList = "GET /apis/lvs-operator.io/v1alpha1/realservers";

TEST_F(ReflectorTest, ListsInPagesThenFollowsTheWatch) {
  http->then(page({object("a", 1, 1), object("b", 2, 2)}, 10, "next/1"))
      .then(page({object("c", 3, 3)}, 10))
      .then(open_watch({event("ADDED", object("d", 4, 11)), event("MODIFIED", object("a", 5, 12)),
                        event("DELETED", object("b", 2, 13))}));
  EXPECT_THAT(run(4), ElementsAre("listed a=1 b=2 c=3", "put d=4", "put a=5", "deleted b"));
  const auto calls = http->calls();
  EXPECT_EQ(calls[0], std::string(kList) + "?limit=2");
  EXPECT_EQ(calls[1], std::string(kList) + "?limit=2&continue=next%2F1");
  EXPECT_THAT(calls[2],
              HasSubstr("?watch=true&allowWatchBookmarks=true&resourceVersion=10&timeoutSeconds="));
}

TEST_F(ReflectorTest, PagesThatExpireUnderWayAreReadAgainAllAtOnce) {
  http->then(page({object("a", 1, 1), object("b", 2, 2)}, 10, "next"))
      .then(answer(status(410, "Expired").dump(), 410))
      .then(page({object("b", 2, 2), object("c", 3, 3)}, 20))
      .then(open_watch());
  EXPECT_THAT(run(1), ElementsAre("listed b=2 c=3"));
  EXPECT_EQ(http->calls().at(2), kList);
}

TEST_F(ReflectorTest, AListThatFailsHalfWayTellsNothing) {
  http->then(page({object("a", 1, 1), object("b", 2, 2)}, 10))
      .then(watch({event("ERROR", status(410, "Expired"))}))
      .then(page({object("a", 1, 1)}, 20, "next"))
      .then(failure(ErrorCode::kUnavailable, "connection refused"))
      .then(page({object("a", 1, 1)}, 20, "next"))
      .then(answer("{\"items\":[{}]}"))
      .then(page({object("a", 1, 1)}, 20, "next"))
      .then(page({object("b", 2, 2)}, 20))
      .then(open_watch());
  EXPECT_THAT(run(4),
              ElementsAre("listed a=1 b=2", "disconnected", "disconnected", "listed a=1 b=2"));
}

TEST_F(ReflectorTest, AnAnswerThatIsNoListIsNotAnEmptyList) {
  http->then(page({object("a", 1, 1)}, 10)).then(watch({event("ERROR", status(410, "Expired"))}));
  for (const char* text : {"", "{}", "null", "[]", "{\"metadata\":{\"resourceVersion\":\"1\"}}",
                           "{\"metadata\":{},\"items\":[]}", "<html>proxy</html>",
                           "{\"metadata\":{\"resourceVersion\":\"1\"},\"items\":{}}"}) {
    http->then(answer(text));
  }
  http->then(page({object("a", 1, 1)}, 20)).then(open_watch());
  const auto calls = run(9);  // seven reasons, each told once in a row
  EXPECT_EQ(calls.front(), "listed a=1");
  EXPECT_EQ(calls.back(), "listed a=1");
  EXPECT_THAT(calls, Not(Contains("listed")));
}

TEST_F(ReflectorTest, ACutWatchResumesFromTheLastEvent) {
  http->then(page({object("a", 1, 1)}, 10))
      .then(cut_watch({event("MODIFIED", object("a", 2, 11))}))
      .then(open_watch({event("MODIFIED", object("a", 3, 12))}));
  EXPECT_THAT(run(5), ElementsAre("listed a=1", "put a=2", "disconnected", "connected", "put a=3"));
  EXPECT_THAT(http->calls().at(2), HasSubstr("resourceVersion=11&"));
}

TEST_F(ReflectorTest, ABookmarkMovesThePlaceToResumeFrom) {
  http->then(page({object("a", 1, 1)}, 10))
      .then(watch({bookmark(500)}))
      .then(open_watch({event("MODIFIED", object("a", 2, 501))}));
  EXPECT_THAT(run(2), ElementsAre("listed a=1", "put a=2"));  // an ordinary end is no disconnection
  EXPECT_THAT(http->calls().at(2), HasSubstr("resourceVersion=500&"));
}

TEST_F(ReflectorTest, GoneLeadsToANewListThatShowsWhatWasDeletedMeanwhile) {
  http->then(page({object("a", 1, 1), object("b", 2, 2)}, 10))
      .then(watch({event("ERROR", status(410, "Expired"))}))
      .then(page({object("a", 1, 1)}, 30))
      .then(answer(status(410, "Gone").dump(), 410))
      .then(page({object("a", 1, 1)}, 40))
      .then(open_watch());
  EXPECT_THAT(run(3), ElementsAre("listed a=1 b=2", "listed a=1", "listed a=1"));
  EXPECT_THAT(http->calls().at(5), HasSubstr("resourceVersion=40&"));
}

TEST_F(ReflectorTest, OtherErrorEventsResumeAndInTheEndListAgain) {
  http->then(page({object("a", 1, 1)}, 10));
  for (int i = 0; i < 5; ++i) http->then(watch({event("ERROR", status(504, "Timeout"))}));
  http->then(page({object("a", 1, 1)}, 20)).then(open_watch());
  // Listed; five times connected (the first time it was already) and disconnected; listed.
  const auto calls = run(11);
  EXPECT_EQ(calls.front(), "listed a=1");
  EXPECT_EQ(calls.back(), "listed a=1");
  EXPECT_THAT(calls, Contains("disconnected"));
  EXPECT_THAT(sink.errors().front(), HasSubstr("Timeout happened"));
}

TEST_F(ReflectorTest, BrokenLinesEndTheWatchAndNothingElse) {
  http->then(page({object("a", 1, 1)}, 10))
      .then(watch({event("MODIFIED", object("a", 2, 11)), "{\"type\":\"MODI"}))
      .then(watch({"{\"type\":\"INVENTED\",\"object\":{}}"}))
      .then(open_watch({event("MODIFIED", object("a", 3, 12))}));
  const auto calls = run(7);
  EXPECT_EQ(calls[1], "put a=2");
  EXPECT_EQ(calls.back(), "put a=3");
  EXPECT_THAT(calls, Not(Contains(HasSubstr("deleted"))));
  EXPECT_THAT(http->calls().at(2), HasSubstr("resourceVersion=11&"));
}

// Whoever waits for an unknown object to become known must hear of its end.
TEST_F(ReflectorTest, AnUndecodableObjectIsFollowedToItsEnd) {
  http->then(page({object("a", 1, 1), object("b", 13, 2)}, 10))
      .then(
          open_watch({event("MODIFIED", object("a", 13, 11)), event("MODIFIED", object("a", 1, 12)),
                      event("DELETED", object("b", 13, 13))}));
  EXPECT_THAT(run(5), ElementsAre("listed a=1 b=?", "undecodable b", "undecodable a", "put a=1",
                                  "deleted b"));
}

TEST_F(ReflectorTest, AnUndecodableObjectKeepsItsLastGoodVersion) {
  http->then(page({object("a", 1, 1), object("b", 13, 2)}, 10))
      .then(watch({event("MODIFIED", object("a", 13, 11)), event("MODIFIED", object("c", 3, 12)),
                   event("ERROR", status(410, "Expired"))}))
      .then(page({object("a", 13, 11), object("b", 13, 2), object("c", 3, 12)}, 20))
      .then(open_watch({event("DELETED", object("a", 13, 21))}));
  EXPECT_THAT(run(8),
              ElementsAre("listed a=1 b=?", "undecodable b", "undecodable a", "put c=3",
                          "listed a=1 c=3 b=?", "undecodable a", "undecodable b", "deleted a"));
}

TEST_F(ReflectorTest, UpdatesThatChangeNothingForUsAreNotPassedOn) {
  Json with_status = object("a", 1, 11);
  with_status["status"] = {{"weight", 99}};
  http->then(page({object("a", 1, 1)}, 10))
      .then(open_watch({event("MODIFIED", with_status), event("DELETED", object("unknown", 1, 12)),
                        event("MODIFIED", object("a", 2, 13))}));
  EXPECT_THAT(run(2), ElementsAre("listed a=1", "put a=2"));
}

TEST_F(ReflectorTest, AnUnreachableServerIsToldOncePerReason) {
  for (int i = 0; i < 3; ++i) http->then(failure(ErrorCode::kUnavailable, "connection refused"));
  http->then(answer(status(403, "Forbidden").dump(), 403)).then(page({}, 10)).then(open_watch());
  EXPECT_THAT(run(3), ElementsAre("disconnected", "disconnected", "listed"));
  EXPECT_THAT(sink.errors()[1], HasSubstr("403 Forbidden: Forbidden happened; grant it with RBAC"));
}

TEST_F(ReflectorTest, AMissingDefinitionSaysWhatToDo) {
  http->then(answer("404 page not found\n", 404)).then(page({}, 10)).then(open_watch());
  run(2);
  EXPECT_THAT(sink.errors()[0], HasSubstr("kubectl apply -f crds/"));
}

TEST_F(ReflectorTest, TooManyRequestsIsWaitedFor) {
  Step busy = answer(status(429, "TooManyRequests").dump(), 429);
  busy.response.headers["Retry-After"] = "1";
  http->then(busy).then(page({object("a", 1, 1)}, 10)).then(open_watch());
  EXPECT_THAT(run(1), ElementsAre("listed a=1"));
}

TEST_F(ReflectorTest, StopsPromptlyInEveryState) {
  http->then(page({}, 10)).then(open_watch());
  const auto begin = std::chrono::steady_clock::now();
  run(1);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(10));
}

}  // namespace
}  // namespace lvs::test

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "samples.h"
#include "wire/agent_api.h"

namespace lvs {
namespace {

using testing::HasSubstr;

class OneAnswer final : public HttpClient {
 public:
  Result<HttpResponse> send(const HttpRequest& request) override {
    last = request;
    return answer;
  }
  Result<HttpResponse> stream(const HttpRequest&, const LineHandler&) override {
    return fail(ErrorCode::kUnsupported, "not here");
  }
  HttpRequest last;
  Result<HttpResponse> answer = HttpResponse{};
};

TEST(AgentClient, PutAnswersWhatTheAgentStored) {
  OneAnswer http;
  http.answer->headers["ETag"] = to_etag({1, 2});
  EXPECT_EQ(AgentClient(http).put_plan("{}").value(), (ContentHash{1, 2}));
  EXPECT_EQ(http.last.method, "PUT");
  EXPECT_EQ(http.last.path_and_query, "/v1/plan");
  EXPECT_EQ(http.last.body, "{}");
}

TEST(AgentClient, PatchNamesWhatItStartsFrom) {
  OneAnswer http;
  http.answer->status = 412;
  http.answer->body = "the plan is another\n";
  const auto answer = AgentClient(http).patch_plan({1, 2}, "{}");
  EXPECT_EQ(answer.error().code, ErrorCode::kConflict);
  EXPECT_THAT(answer.error().message, HasSubstr("answered 412: the plan is another"));
  EXPECT_EQ(http.last.headers["If-Match"], "\"00000000000000010000000000000002\"");
}

TEST(AgentClient, CodesTellWhatToDo) {
  OneAnswer http;
  const auto code = [&](int status) {
    http.answer->status = status;
    return AgentClient(http).put_plan("").error().code;
  };
  EXPECT_EQ(code(400), ErrorCode::kInvalidArgument);
  EXPECT_EQ(code(403), ErrorCode::kPermissionDenied);
  EXPECT_EQ(code(409), ErrorCode::kConflict);
  EXPECT_EQ(code(500), ErrorCode::kIo);
  EXPECT_EQ(code(503), ErrorCode::kUnavailable);
  EXPECT_EQ(code(200), ErrorCode::kInvalidArgument) << "without an ETag";
}

TEST(AgentClient, StatusWaitsOnlyWhenItKnowsARevision) {
  OneAnswer http;
  http.answer->headers[kRevisionHeader] = "7";
  http.answer->body = encode(wire_samples::full_status());
  const auto first = AgentClient(http).status(std::nullopt);
  EXPECT_EQ(first.value().revision, 7U);
  EXPECT_EQ(first.value().status, wire_samples::full_status());
  EXPECT_EQ(http.last.path_and_query, "/v1/status");
  ASSERT_TRUE(AgentClient(http).status(7));
  EXPECT_EQ(http.last.path_and_query, "/v1/status?after=7");
  EXPECT_GT(http.last.timeout, kLongestPoll);
}

TEST(AgentClient, WhatIsNotAnAgentIsSaid) {
  OneAnswer http;
  http.answer->body = "<html>";
  EXPECT_THAT(AgentClient(http).status(std::nullopt).error().message,
              HasSubstr("is this an agent?"));
  http.answer->headers[kRevisionHeader] = "1";
  EXPECT_THAT(AgentClient(http).status(std::nullopt).error().message, HasSubstr("not JSON"));
}

TEST(AgentClient, StateIsDecoded) {
  OneAnswer http;
  http.answer->body = encode(wire_samples::full_state());
  EXPECT_EQ(AgentClient(http).state().value().pending.size(), 1U);
}

TEST(EntityTag, BothWays) {
  EXPECT_EQ(parse_etag(to_etag({3, 4})).value(), (ContentHash{3, 4}));
  EXPECT_EQ(parse_etag("00000000000000030000000000000004").value(), (ContentHash{3, 4}));
  EXPECT_FALSE(parse_etag("\""));
  EXPECT_FALSE(parse_etag(""));
}

}  // namespace
}  // namespace lvs

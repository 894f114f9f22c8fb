#include "kube/watch_decoder.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace lvs {
namespace {

using Type = WatchEvent::Type;
using Json = nlohmann::json;

constexpr const char* kAdded =
    R"({"type":"ADDED","object":{"kind":"RealServer","metadata":{"name":"a","namespace":"n","resourceVersion":"7"}}})";

TEST(WatchDecoder, EventsOfEveryType) {
  Json object;
  const auto added = decode_watch_line(kAdded, object);
  ASSERT_TRUE(added) << added.error().message;
  EXPECT_EQ(added->type, Type::kAdded);
  EXPECT_EQ(added->key, (ObjectKey{"n", "a"}));
  EXPECT_EQ(added->resource_version, "7");
  EXPECT_EQ(object["kind"], "RealServer");

  const auto bookmark = decode_watch_line(
      R"({"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"9","annotations":{}}}})",
      object);
  ASSERT_TRUE(bookmark);
  EXPECT_EQ(bookmark->type, Type::kBookmark);
  EXPECT_EQ(bookmark->resource_version, "9");

  const auto error = decode_watch_line(
      R"({"type":"ERROR","object":{"kind":"Status","code":410,"message":"too old resource version"}})",
      object);
  ASSERT_TRUE(error);
  EXPECT_EQ(error->type, Type::kError);
  EXPECT_EQ(error->error_code, 410);
  EXPECT_EQ(error->error_message, "too old resource version");
}

TEST(WatchDecoder, EveryPrefixAndEveryChangedByteIsAnEventOrAnError) {
  const std::string line = kAdded;
  Json object;
  for (std::size_t size = 0; size < line.size(); ++size) {
    EXPECT_FALSE(decode_watch_line(line.substr(0, size), object));
  }
  for (std::size_t i = 0; i < line.size(); ++i) {
    for (const char c : {'\0', '"', '{', '}', '\xff', '9'}) {
      std::string changed = line;
      changed[i] = c;
      const auto event = decode_watch_line(changed, object);
      EXPECT_TRUE(!event || !event->resource_version.empty());
    }
  }
}

TEST(WatchDecoder, WhatIsNoEventIsCorrupt) {
  Json object;
  for (const char* line :
       {"", "null", "[]", "7", "{}", R"({"type":7,"object":{}})", R"({"type":"ADDED"})",
        R"({"type":"ADDED","object":null})", R"({"type":"added","object":{}})",
        R"({"type":"ADDED","object":{"metadata":{"name":"a"}}})",
        R"({"type":"ADDED","object":{"metadata":{"resourceVersion":"1"}}})",
        R"({"type":"DELETED","object":{"metadata":{"name":7,"resourceVersion":"1"}}})",
        R"({"type":"BOOKMARK","object":{"metadata":{}}})"}) {
    const auto event = decode_watch_line(line, object);
    ASSERT_FALSE(event) << line;
    EXPECT_EQ(event.error().code, ErrorCode::kCorrupt);
  }
  EXPECT_FALSE(decode_watch_line(std::string(kMaxWatchLine + 1, ' '), object));
  // Depth alone does no harm.
  EXPECT_FALSE(decode_watch_line(std::string(1'000'000, '['), object));
}

TEST(ListDecoder, AListIsTakenApart) {
  Json items;
  const auto page = decode_list_page(
      R"({"metadata":{"resourceVersion":"5","continue":"abc"},"items":[{"metadata":{"name":"a"}}]})",
      items);
  ASSERT_TRUE(page);
  EXPECT_EQ(page->resource_version, "5");
  EXPECT_EQ(page->continue_token, "abc");
  EXPECT_EQ(items.size(), 1U);
  ASSERT_TRUE(decode_list_page(R"({"metadata":{"resourceVersion":"5"},"items":null})", items));
  EXPECT_TRUE(items.empty());
  EXPECT_FALSE(decode_list_page(R"({"metadata":{"resourceVersion":"5"},"items":[{}]})", items));
}

}  // namespace
}  // namespace lvs

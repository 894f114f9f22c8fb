// The store under every truncation and thousands of flipped bytes: it gives back what was
// acknowledged, or says that it is corrupt. It never gives back something else.
#include "agent/plan_store.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <set>

#include <gtest/gtest.h>

#include "agent/plan_records.h"
#include "wire/codec.h"

namespace lvs {
namespace {

class PlanStoreTest : public testing::Test {
 protected:
  PlanStoreTest() {
    // In memory where that can be had: thousands of syncs are slow on a disk.
    const std::filesystem::path memory = "/dev/shm";
    const auto parent =
        std::filesystem::is_directory(memory) ? memory : std::filesystem::temp_directory_path();
    std::string name = (parent / "lvs-store-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
  }
  ~PlanStoreTest() override { std::filesystem::remove_all(folder_); }

  [[nodiscard]] std::string path(const char* name) const { return folder_ + "/" + name; }
  [[nodiscard]] static std::string content(const std::string& path) {
    return read_file(path).value().value();
  }
  static void overwrite(const std::string& path, const std::string& content) {
    std::ofstream(path, std::ios::binary | std::ios::trunc) << content;
  }

  static NodePlan plan(std::uint32_t weight) {
    NodePlan made;
    made.node = "a";
    made.term = 3;
    PlannedService service;
    service.header.virtual_service = {"shop", "web"};
    service.header.config.scheduler = "wrr";
    const IpAddress server = IpAddress::parse("192.0.2.7").value();
    service.destinations = {{{server, 80}, {ForwardingMethod::kDirectRouting, weight, 0, 0}}};
    const ServiceKey key{IpAddress::parse("192.0.2.1").value(), Protocol::kTcp, 80, 0};
    made.services[key] = std::make_shared<const PlannedService>(std::move(service));
    return made;
  }
  static std::string patch(std::uint32_t from, std::uint32_t to) {
    return encode(
        PlanPatch{hash_of(plan(from)), hash_of(plan(to)), 3, diff_plans(plan(from), plan(to))});
  }

  // A plan of weight 1 and patches to 2, 3, 4; the hashes of all of them.
  std::set<ContentHash> write_history() {
    PlanStore store(folder_);
    EXPECT_TRUE(store.store(encode(plan(1))));
    std::set<ContentHash> hashes{hash_of(plan(1))};
    for (std::uint32_t weight = 1; weight < 4; ++weight) {
      EXPECT_TRUE(store.append(patch(weight, weight + 1)));
      hashes.insert(hash_of(plan(weight + 1)));
    }
    return hashes;
  }

  std::string folder_;
};

TEST_F(PlanStoreTest, NothingStoredIsNoError) {
  const auto loaded = PlanStore(folder_).load();
  ASSERT_TRUE(loaded);
  EXPECT_FALSE(*loaded);
}

TEST_F(PlanStoreTest, GivesBackThePlanAndItsPatches) {
  write_history();
  PlanStore store(folder_);
  const auto loaded = store.load();
  ASSERT_TRUE(loaded && *loaded);
  EXPECT_EQ((*loaded)->hash(), hash_of(plan(4)));
  ASSERT_TRUE(store.append(patch(4, 5)));
  EXPECT_EQ(PlanStore(folder_).load().value()->hash(), hash_of(plan(5)));
}

TEST_F(PlanStoreTest, ANewPlanReplacesTheJournal) {
  write_history();
  PlanStore store(folder_);
  ASSERT_TRUE(store.load());
  ASSERT_TRUE(store.store(encode(plan(9))));
  EXPECT_EQ(PlanStore(folder_).load().value()->hash(), hash_of(plan(9)));
}

TEST_F(PlanStoreTest, AfterAHalfStoredPlanNothingIsAcknowledged) {
  write_history();
  PlanStore store(folder_);
  ASSERT_TRUE(store.load());
  const std::string journal = folder_ + "/plan.journal";
  std::filesystem::remove(journal);
  std::filesystem::create_directories(journal + "/in the way");
  ASSERT_FALSE(store.store(encode(plan(9))));
  EXPECT_FALSE(store.append(patch(9, 10)));
  std::filesystem::remove_all(journal);
  ASSERT_TRUE(store.store(encode(plan(9))));
  ASSERT_TRUE(store.append(patch(9, 10)));
  EXPECT_EQ(PlanStore(folder_).load().value()->hash(), hash_of(plan(10)));
}

TEST_F(PlanStoreTest, APlanThatCannotBeWrittenIsReadAllTheSame) {
  write_history();
  const std::string mount = "mount --bind -o ro " + folder_ + " " + folder_ + " 2>/dev/null";
  if (std::system(mount.c_str()) != 0) GTEST_SKIP() << "may not mount (needs root)";
  PlanStore store(folder_);
  const auto loaded = store.load();
  const auto appended = store.append(patch(4, 5));
  ASSERT_EQ(std::system(("umount " + folder_).c_str()), 0);
  ASSERT_TRUE(loaded) << loaded.error().message;
  EXPECT_EQ((*loaded)->hash(), hash_of(plan(4)));
  EXPECT_FALSE(appended);
}

TEST_F(PlanStoreTest, AnAppendCanBeTakenBack) {
  write_history();
  PlanStore store(folder_);
  ASSERT_TRUE(store.load());
  ASSERT_TRUE(store.append(patch(4, 5)));
  ASSERT_TRUE(store.undo_append());
  EXPECT_EQ(PlanStore(folder_).load().value()->hash(), hash_of(plan(4)));
}

TEST_F(PlanStoreTest, APatchThatDoesNotApplyAtTheEndIsLeftOut) {
  write_history();
  PlanStore store(folder_);
  ASSERT_TRUE(store.load());
  ASSERT_TRUE(store.append(patch(7, 8)));
  EXPECT_EQ(PlanStore(folder_).load().value()->hash(), hash_of(plan(4)));
}

TEST_F(PlanStoreTest, TheJournalOfAnEarlierPlanIsIgnored) {
  write_history();
  const std::string old_journal = content(path("plan.journal"));
  ASSERT_TRUE(PlanStore(folder_).store(encode(plan(9))));
  overwrite(path("plan.journal"), old_journal);
  EXPECT_EQ(PlanStore(folder_).load().value()->hash(), hash_of(plan(9)));
}

TEST_F(PlanStoreTest, EveryTruncationOfThePlanIsCorrupt) {
  write_history();
  const std::string whole = content(path("plan.json"));
  for (std::size_t length = 0; length < whole.size(); ++length) {
    overwrite(path("plan.json"), whole.substr(0, length));
    const auto loaded = PlanStore(folder_).load();
    ASSERT_FALSE(loaded) << length;
    EXPECT_EQ(loaded.error().code, ErrorCode::kCorrupt);
  }
}

TEST_F(PlanStoreTest, ATruncatedJournalGivesBackWholePatchesOnly) {
  const auto hashes = write_history();
  const std::string whole = content(path("plan.journal"));
  const std::size_t head = journal_header(std::string(32, '0')).size();
  for (std::size_t length = 0; length < whole.size(); ++length) {
    overwrite(path("plan.journal"), whole.substr(0, length));
    const auto loaded = PlanStore(folder_).load();
    if (length < head) {
      ASSERT_FALSE(loaded) << length;
    } else {
      ASSERT_TRUE(loaded && *loaded) << length;
      ASSERT_EQ(hashes.count((*loaded)->hash()), 1U) << length;
    }
  }
}

TEST_F(PlanStoreTest, ATornTailOfZeroBytesIsCutOffAndTheJournalGoesOn) {
  write_history();
  const std::string whole = content(path("plan.journal"));
  const std::string next = journal_record(patch(4, 5));
  for (std::size_t written = 0; written + 2 <= next.size(); ++written) {
    std::string torn = next.substr(0, written);
    torn.resize(next.size(), '\0');
    overwrite(path("plan.journal"), whole + torn);
    PlanStore store(folder_);
    const auto loaded = store.load();
    ASSERT_TRUE(loaded && *loaded) << written;
    ASSERT_EQ((*loaded)->hash(), hash_of(plan(4))) << written;
    ASSERT_TRUE(store.append(patch(4, 6)));
    ASSERT_EQ(PlanStore(folder_).load().value()->hash(), hash_of(plan(6)));
  }
}

TEST_F(PlanStoreTest, AFlippedByteIsAlwaysNoticed) {
  write_history();
  std::mt19937 dice(1);
  for (const char* name : {"plan.json", "plan.journal"}) {
    const std::string whole = content(path(name));
    for (std::size_t at = 0; at < whole.size(); ++at) {
      for (int tries = 0; tries < 2; ++tries) {
        std::string changed = whole;
        changed[at] = static_cast<char>(changed[at] ^ static_cast<char>(1 + dice() % 255));
        overwrite(path(name), changed);
        const auto loaded = PlanStore(folder_).load();
        ASSERT_FALSE(loaded) << name << " byte " << at;
        ASSERT_EQ(loaded.error().code, ErrorCode::kCorrupt);
      }
    }
    overwrite(path(name), whole);
  }
}

TEST_F(PlanStoreTest, AMissingPlanBesideAJournalIsCorrupt) {
  write_history();
  std::filesystem::remove(path("plan.json"));
  const auto loaded = PlanStore(folder_).load();
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().code, ErrorCode::kCorrupt);
}

TEST_F(PlanStoreTest, RemoveLeavesNothing) {
  write_history();
  PlanStore store(folder_);
  ASSERT_TRUE(store.remove());
  ASSERT_TRUE(store.remove());
  EXPECT_TRUE(std::filesystem::is_empty(folder_));
}

TEST_F(PlanStoreTest, AFolderThatIsNotThereIsAnError) {
  const auto stored = PlanStore(folder_ + "/none").store(encode(plan(1)));
  ASSERT_FALSE(stored);
  EXPECT_EQ(stored.error().code, ErrorCode::kIo);
}

}  // namespace
}  // namespace lvs

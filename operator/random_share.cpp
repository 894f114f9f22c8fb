#include "operator/random_share.h"

#include <random>

namespace lvs {

double random_share() {
  thread_local std::mt19937 generator{std::random_device{}()};
  return std::uniform_real_distribution<double>(0.0, 1.0)(generator);
}

}  // namespace lvs

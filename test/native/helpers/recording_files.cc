#include "helpers/recording_files.h"

#include <doctest/doctest.h>

#include <fstream>

namespace pimon {

std::vector<LogRow> readLog(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  std::vector<LogRow> rows;
  if (std::getline(file, line)) CHECK(line + "\n" == frameLogHeader());
  while (std::getline(file, line)) {
    if (file.eof()) break;  // without its end
    CAPTURE(line);
    CHECK(parseRow(line, rows.emplace_back()));
  }
  return rows;
}

}  // namespace pimon

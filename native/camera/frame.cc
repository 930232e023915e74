#include "camera/frame.h"

namespace pimon {

const char* name(Stage stage) {
  switch (stage) {
    case Stage::Sensor:
      return "sensor";
    case Stage::Source:
      return "source";
    case Stage::Encoder:
      return "encoder";
    case Stage::Writer:
      return "writer";
  }
  return "";
}

}  // namespace pimon

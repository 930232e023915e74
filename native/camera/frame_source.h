#pragma once

#include <optional>
#include <string>
#include <vector>

#include "camera/control.h"
#include "camera/frame.h"
#include "support/error.h"

namespace pimon {

struct CameraInfo {
  std::string id;          // what --camera takes
  std::string model;       // "imx708", "synthetic"
  std::string location;    // "front", "external", … or empty
  std::string source;      // "libcamera" or "synthetic"
  bool isVirtual = false;  // one of libcamera's that has no hardware behind it
};

struct Size {
  int width = 0;
  int height = 0;
  bool operator==(const Size&) const = default;
};

// Whether cameras keep the times of their frames together: one is the server, the others follow it.
enum class CameraSync : uint8_t { Off, Server, Client };

// What is asked of a camera.
struct SourceConfig {
  Size size;
  double fps = 30;
  std::optional<Size> preview;        // wanted size of a second stream; a source may give none
  int buffers = 6;                    // frames that may be out of the source at once
  CameraSync sync = CameraSync::Off;  // refused where the camera does not offer it
};

// What the camera gives: the asked, adjusted to what it can do.
struct StreamFormat {
  Size size;
  double fps = 0;
  PixelFormat pixelFormat = PixelFormat::Yuv420;
  ColourSpace colourSpace = ColourSpace::Rec709;
  std::optional<Size> preview;
  int stride = 0;   // bytes from one luma row to the next
  int buffers = 0;  // every Frame::bufferIndex is below it
  bool operator==(const StreamFormat&) const = default;
};

// A fault made on purpose, for tests. Only the synthetic source takes any.
struct Fault {
  enum class Kind : uint8_t {
    DropAtSensor,  // the next `count` frames never leave the sensor
    Delay,         // the next `count` frames are delivered `milliseconds` late
    Stall,         // nothing is delivered for `milliseconds`; what the sensor makes is lost there
    Fail,          // the camera goes away: onSourceError("camera-lost"), then nothing more
  };
  Kind kind;
  int count = 1;
  int milliseconds = 0;
};

// Takes what a source makes. All calls come from the source's one thread, in the order of the
// frames; they hand over and return, and never throw.
class FrameListener {
 public:
  virtual ~FrameListener() = default;
  virtual void onFrame(FramePtr frame) noexcept = 0;
  // `frames` frames were lost before the next one that arrives: at Stage::Sensor (never
  // delivered) or Stage::Source (no free buffer).
  virtual void onLost(Stage stage, uint64_t frames) noexcept = 0;
  // The camera delivers no more. Stop the source from another thread.
  virtual void onSourceError(const Error& error) noexcept = 0;
};

// A camera. configure, start and stop are called by one thread; controls and setControls by any.
// Order: configure, start, stop, and again from either. All throw Error.
class FrameSource {
 public:
  virtual ~FrameSource() = default;

  virtual const CameraInfo& info() const = 0;
  virtual StreamFormat configure(const SourceConfig& config) = 0;
  // `listener` must outlive stop().
  virtual void start(FrameListener& listener) = 0;
  // No call reaches the listener after it returns. Frames that are still out stay valid.
  virtual void stop() = 0;

  // Ranges are final only after configure.
  virtual std::vector<ControlInfo> controls() const = 0;
  // All or none: an unknown id or a value out of range throws invalid-value naming the field
  // ("controls.ExposureTime"). Takes effect within a few frames.
  virtual void setControls(const ControlValues& values) = 0;

  virtual void inject(const Fault& fault);  // throws unless the source can
};

// What configure() throws where a camera that cannot is to keep time with others.
Error syncRefused();

}  // namespace pimon

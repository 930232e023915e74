#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "camera/continued_frames.h"
#include "camera/frame_source.h"
#include "encode/encoder.h"
#include "live/live_muxer.h"
#include "live/small_video.h"
#include "preview/previewer.h"
#include "record/file_hasher.h"
#include "record/pre_roll.h"
#include "record/recorder.h"
#include "record/recording_feed.h"
#include "support/executor.h"

namespace pimon {

struct LossEvent {
  Stage stage;
  uint64_t frames;
};
struct ErrorEvent {
  std::string code;
  std::string message;
};
// The camera failed under a recording, which waits for frames: restartCamera may bring them back.
struct CameraFailedEvent {
  std::string code;
  std::string message;
};
// The camera stopped by itself, and nothing was recorded; start opens it again.
struct CameraLostEvent {
  std::string code;
  std::string message;
};
// After restartCamera frames come again.
struct CameraResumedEvent {
  ContinuedFrames::Outage outage;
};
// The first frame of a recording is through the gate.
struct RecordingStartedEvent {
  std::string recording;
  FrameInfo first;
};
struct RecordingEndedEvent {
  RecordingSummary summary;
};
// A segment's files were made.
struct SegmentOpenedEvent {
  std::string recording;
  SegmentFile file;
};
// They are final, unless `file.closed` says that they need a repair.
struct SegmentClosedEvent {
  std::string recording;
  SegmentFile file;
};
// Of a file of a closed segment.
struct FileHashedEvent {
  std::string recording;
  std::string file;
  uint64_t bytes;
  std::string sha256;  // in hexadecimal
};
using Event = std::variant<LossEvent, ErrorEvent, CameraFailedEvent, CameraLostEvent,
                           CameraResumedEvent, RecordingEndedEvent, RecordingStartedEvent,
                           SegmentOpenedEvent, SegmentClosedEvent, FileHashedEvent>;

// Called on any of the pipeline's threads; hands over and returns.
class PipelineListener {
 public:
  virtual ~PipelineListener() = default;
  virtual void onPreview(PreviewMessage message) noexcept = 0;
  virtual void onVideo(LiveMessage message) noexcept = 0;
  virtual void onEvent(Event event) noexcept = 0;
};

struct CameraRequest {
  std::string id = "auto";
  SourceConfig config;
};

struct OpenCamera {
  CameraInfo info;
  StreamFormat format;
};

struct EncoderInfo {
  std::string name;
  std::string reason;  // why this one
};

struct RecordingStarted {
  std::optional<FrameInfo> first;  // none while the instant to begin at has not come
  EncoderInfo encoder;
};

struct PipelineStatus {
  std::optional<OpenCamera> camera;
  std::optional<FrameInfo> newest;  // of the frames since the camera was started
  uint64_t captured = 0;            // since the camera was started
  uint64_t written = 0;
  Losses losses;
  std::optional<EncoderInfo> encoder;  // while it runs
  EncoderReport encoderReport;
  Previewer::Counts preview;
  uint64_t liveFrames = 0;  // that became fragments of live video in full size
  SmallVideo::Counts small;
  std::optional<RecordingProgress> recording;
};

// A camera's frames to disk and to whoever watches. The way of a frame: onFrame, then onPacket for
// the recording, the pre-roll and live video, which share one encoder; the previewer beside it.
//
// Control runs on one thread: post to control() what calls the methods of the first group. They
// throw Error.
class Pipeline final : private FrameListener,
                       private PacketListener,
                       private RecorderListener,
                       private PreviewListener {
 public:
  // Replaced in tests.
  using OpenSource = std::unique_ptr<FrameSource> (*)(const std::string& id);
  using ChooseEncoder = EncoderChoice (*)(const EncoderSettings& settings,
                                          const StreamFormat& format);

  Pipeline(PipelineListener& listener, OpenSource openSource, ChooseEncoder chooseEncoder);
  // Stops everything, in the order of the frame's way.
  ~Pipeline() override;

  Executor& control() { return control_; }

  // On the control thread.
  OpenCamera start(const CameraRequest& request);
  void stop();
  // Stops a camera that is silent or failed and starts it again, or opens it anew; a recording goes
  // on, and what was missed is counted at the sensor. Throws where the camera does not come, or in
  // another format: the recording then still waits for frames.
  void restartCamera(bool reopen);
  // Returns once the first frame is through the gate, or at once where it begins at an instant to
  // come.
  RecordingStarted startRecording(const RecordingRequest& request, const EncoderSettings& settings);
  RecordingSummary stopRecording(StopReason reason);
  // The running recording goes on in a new segment, from the keyframe that is asked for.
  void splitRecording();
  // An armed recording begins at another sensor time; one that has begun is left as it is.
  void moveStart(int64_t startAtNs);
  // Keeps the encoder running between recordings, so that each begins with what was seen in the
  // `spanNs` before it; 0: no more.
  void setPreRoll(int64_t spanNs, const EncoderSettings& settings);
  // Live H.264 for whoever watches. In full size the recordings' encoder runs for it where it does
  // not run already, and a recording's settings go before these; the small class has its own. Call
  // it again to have an encoder that failed tried anew.
  void setLiveVideo(VideoClass videoClass, bool on, const EncoderSettings& settings);
  // Of the encoder that runs, as far as they can change live.
  void applyEncoderSettings(const EncoderSettings& settings);

  // On any thread.
  PipelineStatus status() const;
  std::vector<ControlInfo> controls() const;
  std::vector<ControlInfo> setControls(const ControlValues& values);
  void setPreview(std::vector<PreviewClass> classes);
  // Somebody begins to watch live video. Nothing happens where the keyframes are a recording's.
  void requestLiveKeyframe(VideoClass videoClass);
  // `done` gets the next frame as JPEG, or nothing where no camera runs.
  void snapshot(int width, int quality, Previewer::SnapshotDone done);
  void inject(const Fault& fault);
  void stallPreview(int milliseconds) { previewer_.stall(milliseconds); }

 private:
  // The frame's way, each on the thread named.
  void onFrame(FramePtr frame) noexcept override;                   // source
  void onLost(Stage stage, uint64_t frames) noexcept override;      // source
  void onPacket(PacketPtr packet) noexcept override;                // encoder
  void onFirstFrame(const FrameInfo& first) noexcept override;      // writer
  void onKeyframeWanted() noexcept override;                        // writer
  void onSegmentOpened(const SegmentFile& file) noexcept override;  // writer, control
  void onSegmentClosed(const SegmentFile& file) noexcept override;  // finisher
  void onPreview(PreviewMessage message) noexcept override;         // preview
  void onPlainPicture(SmallPicture picture, const FrameInfo& info) noexcept override;  // preview

  // A part of onFrame, while `handingOver_` is held.
  void encode(Encoder& encoder, const FramePtr& frame, const Losses& lostBefore) noexcept;

  // What goes wrong on it. Each ends on the control thread.
  void onSourceError(const Error& error) noexcept override;   // source
  void onEncoderError(const Error& error) noexcept override;  // encoder
  void onRecorderDone(
      StopReason reason,
      const std::optional<Error>& error) noexcept override;   // writer, disk-sync, finisher
  void onFramesLost(const Losses& losses) noexcept override;  // writer
  void onPreviewError(const Error& error) noexcept override;  // preview

  // The encoder, and who shares it: pipeline_encoder.cc.
  void startEncoder(EncoderChoice choice, const EncoderSettings& settings);
  Losses stopEncoder();
  void setStandby(const EncoderSettings& settings);
  bool encoderIsWanted() const { return preRollNs_ > 0 || liveOn_; }
  // While nothing is recorded: runs it for whoever else wants it, or stops it.
  void standBy();
  void runSmallVideo();
  void stopSmallVideo();
  void resumeStandby() noexcept;
  Losses leaveEncoder();

  void setRecorder(const std::shared_ptr<Recorder>& recorder, std::optional<int64_t> keyframeAtNs);
  void takeOver(const std::shared_ptr<Recorder>& recorder, std::optional<int64_t> keyframeAtNs);
  FrameInfo waitForFirstFrame(const StreamFormat& format);
  RecordingSummary endRecording(StopReason reason);
  RecordingSummary closeRecording(StopReason reason);
  // Lets a recording that waits for its first frame give up.
  void fail(const Error& error) noexcept;
  // Ends the recording on the control thread, unless it has ended by then.
  void endSoon(StopReason reason) noexcept;
  std::shared_ptr<FrameSource> source() const;
  std::string recordingName() const;

  PipelineListener& listener_;
  const OpenSource openSource_;
  const ChooseEncoder chooseEncoder_;
  SmallVideo small_;
  Previewer previewer_{*this};

  // Held while a packet goes to those who want it.
  std::mutex packets_;
  std::shared_ptr<RecordingFeed> feed_;  // while there is a recorder
  std::unique_ptr<PreRoll> preRoll_;
  std::optional<LiveMuxer> live_;
  std::atomic<uint64_t> liveFrames_ = 0;
  // Of the control thread.
  int64_t preRollNs_ = 0;
  EncoderSettings standby_;         // where nothing is recorded
  EncoderSettings encoderStarted_;  // with these
  std::atomic<bool> liveOn_ = false;
  bool smallOn_ = false;

  // Held while a frame is handed to the encoder, so that taking the encoder away waits for that.
  std::mutex handingOver_;
  std::optional<uint64_t> handedOver_;  // the newest frame that it took

  // Changed on the control thread, except where it says so. `mutex_` guards what other threads
  // read; nothing calls out while holding it.
  mutable std::mutex mutex_;
  std::shared_ptr<FrameSource> source_;  // none also where it could not be opened again
  std::optional<OpenCamera> camera_;
  SourceConfig config_;               // what was asked of it
  uint64_t run_ = 0;                  // counts starts and stops of the source
  ContinuedFrames continued_;         // by the source's thread, but for the control thread's word
  std::shared_ptr<Encoder> encoder_;  // while somebody wants packets
  bool feeding_ = false;              // frames go to the encoder
  std::shared_ptr<Recorder> recorder_;
  std::optional<int64_t> keyframeAtNs_;  // the first frame from then on is to be one
  std::optional<EncoderInfo> encoderInfo_;
  std::string recordingFolder_;      // of the running recording, or of the last
  std::string recording_;            // its name
  std::optional<FrameInfo> newest_;  // by the source's thread
  uint64_t captured_ = 0;            // by the source's thread
  uint64_t written_ = 0;             // by the recordings that have ended
  Losses losses_;   // at sensor and source, by the source's thread; at encoder and writer, of
                    // the recordings that have ended
  Losses pending_;  // not yet told to an encoder; by the source's thread

  // How the recording that is being started gets on, told by the writer and encoder threads.
  std::condition_variable startChanged_;
  std::optional<FrameInfo> first_;
  std::optional<Error> failure_;

  FileHasher hasher_;

  Executor control_;  // last: it ends first
};

}  // namespace pimon

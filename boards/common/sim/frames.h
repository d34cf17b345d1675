// SPDX-License-Identifier: Apache-2.0
// Frames for the shells' benches: captures, the host's own frames, and streams of beats with the rules that each side has to keep.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <random>
#include <string>
#include <vector>

using Frame = std::vector<uint8_t>;

[[noreturn]] inline void fail(const char* format, const std::string& where, long a = 0, long b = 0, long c = 0) {
  std::fprintf(stderr, "FAILED at %s: ", where.c_str());
  std::fprintf(stderr, format, a, b, c);
  std::fprintf(stderr, "\n");
  std::exit(1);
}

// Frames of a little-endian pcap; none where there is no such file.
inline std::vector<Frame> read_pcap(const std::string& path) {
  std::vector<Frame> frames;
  FILE* file = std::fopen(path.c_str(), "rb");
  if (!file) return frames;
  uint8_t head[24];
  if (std::fread(head, 1, 24, file) != 24 || (std::memcmp(head, "\xd4\xc3\xb2\xa1", 4) && std::memcmp(head, "\x4d\x3c\xb2\xa1", 4))) {
    fail("no little-endian pcap", path);
  }
  while (std::fread(head, 1, 16, file) == 16) {
    uint32_t length;
    std::memcpy(&length, head + 8, 4);
    Frame frame(length);
    if (std::fread(frame.data(), 1, length, file) != length) fail("ends in a frame", path);
    frames.push_back(frame);
  }
  std::fclose(file);
  return frames;
}

// Frame n of the host's interface p: told from others by its source address, which no example uses.
inline bool is_own(const Frame& frame) { return frame.size() >= 14 && !std::memcmp(frame.data() + 6, "\x02OWN\x00\x00", 6); }
inline Frame own_frame(int port, unsigned number) {
  std::mt19937 random(number * 16 + port);
  Frame frame(60 + random() % 1455);
  for (auto& byte : frame) byte = uint8_t(random());
  std::memcpy(frame.data() + 6, "\x02OWN\x00\x00", 6);
  return frame;
}

// One beat of a stream, up to 64 bytes.
struct Beat {
  uint8_t data[64];
  uint64_t keep;
  bool valid, last;
  uint32_t size;  // of the frame, where the stream has it on each beat
  uint64_t side;  // other side band: must stay as it is from a frame's first beat to its last
  uint32_t index;  // of the frame, of a source
  bool bad;        // the MAC's verdict, of a source: with the last beat, or earlier
};

// Offers frames, beat by beat; an offer stays until it is taken. With `bad_every`, each so many frames are followed by one more that is bad.
class Source {
 public:
  Source(int bytes, const std::vector<Frame>& frames, unsigned bad_every = 0) : bytes_(bytes) {
    for (size_t i = 0; i < frames.size(); i++) {
      frames_.push_back(frames[i]);
      bad_.push_back(false);
      if (bad_every && i % bad_every == bad_every - 1) {
        frames_.push_back(frames[(i * 7) % frames.size()]);
        bad_.push_back(true);
      }
    }
  }
  bool done() const { return next_ == frames_.size() && !beat_.valid; }
  const Beat& beat() const { return beat_; }
  size_t taken_beats = 0, refused = 0, first_clock = 0, last_clock = 0;

  // After a clock edge at which the beat was taken or not; `pause`: offer nothing new now.
  void step(bool ready, bool pause, size_t clock) {
    if (beat_.valid) {
      if (!ready) {
        refused++;
        return;
      }
      if (taken_beats++ == 0) first_clock = clock;
      last_clock = clock;
      beat_.valid = false;
    }
    if (pause || next_ == frames_.size()) return;
    const Frame& frame = frames_[next_];
    size_t left = frame.size() - at_;
    std::memset(beat_.data, 0xEE, sizeof beat_.data);
    size_t count = left < size_t(bytes_) ? left : bytes_;
    std::memcpy(beat_.data, frame.data() + at_, count);
    beat_.keep = count == 64 ? ~0ull : (1ull << count) - 1;
    beat_.last = left <= size_t(bytes_);
    beat_.size = uint32_t(frame.size());
    beat_.valid = true;
    beat_.index = uint32_t(next_);
    beat_.bad = bad_[next_] && (beat_.last || next_ % 2);
    at_ = beat_.last ? 0 : at_ + bytes_;
    if (beat_.last) next_++;
  }

 private:
  size_t bytes_;
  std::vector<Frame> frames_;
  std::vector<bool> bad_;
  size_t next_ = 0, at_ = 0;
  Beat beat_{};
};

// Takes frames and checks: an offer stays as it is until it is taken; tkeep is contiguous, all ones but at the end; the size is that of the frame on
// each beat; the side band does not change in a frame; with `gapless`, tvalid does not fall in a frame.
class Sink {
 public:
  Sink(std::string name, int bytes, bool has_size, bool gapless) : name_(std::move(name)), bytes_(bytes), has_size_(has_size), gapless_(gapless) {}
  std::vector<Frame> frames;
  std::vector<uint64_t> sides;
  size_t gaps = 0, beats = 0, first_clock = 0, last_clock = 0;

  void step(const Beat& beat, bool ready, size_t clock) {
    if (held_ && (!beat.valid || std::memcmp(beat.data, was_.data, bytes_) || beat.keep != was_.keep || beat.last != was_.last || beat.size != was_.size ||
                  beat.side != was_.side)) {
      fail("beat changed while it waited, frame %ld", name_, long(frames.size()));
    }
    held_ = beat.valid && !ready;
    was_ = beat;
    if (!beat.valid) {
      if (!frame_.empty()) {
        gaps++;
        if (gapless_) fail("tvalid fell in frame %ld", name_, long(frames.size()));
      }
      return;
    }
    if (!ready) return;
    if (beats++ == 0) first_clock = clock;
    last_clock = clock;
    int count = beat.keep == ~0ull ? 64 : __builtin_ctzll(~beat.keep);
    if (count == 0 || (beat.keep & (beat.keep + 1))) fail("tkeep is not contiguous, frame %ld", name_, long(frames.size()));
    if (!beat.last && count != bytes_) fail("tkeep has holes before the end, frame %ld", name_, long(frames.size()));
    if (frame_.empty()) {
      size_ = beat.size;
      side_ = beat.side;
    }
    if (has_size_ && beat.size != size_) fail("size changes in frame %ld: %ld, then %ld", name_, long(frames.size()), size_, beat.size);
    if (beat.side != side_) fail("side band changes in frame %ld", name_, long(frames.size()));
    frame_.insert(frame_.end(), beat.data, beat.data + count);
    if (beat.last) {
      if (has_size_ && size_ != frame_.size()) fail("frame %ld has %ld bytes, but its size says %ld", name_, long(frames.size()), long(frame_.size()), size_);
      frames.push_back(frame_);
      sides.push_back(side_);
      frame_.clear();
    }
  }

 private:
  std::string name_;
  int bytes_;
  bool has_size_, gapless_, held_ = false;
  Beat was_{};
  uint32_t size_ = 0;
  uint64_t side_ = 0;
  Frame frame_;
};

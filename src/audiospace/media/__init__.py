"""Files to arrays and back: video by timestamp, sound by channel, 360 and ambisonic metadata."""

from audiospace.media.atomic import writing
from audiospace.media.audio import Audio, fit_length, read_audio, write_audio, write_sound
from audiospace.media.clip_folder import VIDEO_SUFFIXES, Clip, read_clip_folder
from audiospace.media.delivery import ExportFormat, Original
from audiospace.media.digest import file_sha256
from audiospace.media.export import ExportReport, export_sound, export_spatial
from audiospace.media.jpeg_frames import read_jpeg_frames
from audiospace.media.kept_files import KeptFiles
from audiospace.media.layout import Layout, Projection, StereoLayout
from audiospace.media.probe import AudioStream, MediaInfo, VideoStream, probe, require_360
from audiospace.media.resampling import resample
from audiospace.media.sound import Sound, held, store
from audiospace.media.spatial_metadata import read_spatial, tag_movie
from audiospace.media.spherical_tags import SpatialAudio, SpatialTags, SphericalVideo
from audiospace.media.user_cache import prune, user_cache
from audiospace.media.video import Frame, Frames, load_frames, read_frames, video_duration
from audiospace.media.video_writer import write_video

__all__ = [
    "VIDEO_SUFFIXES",
    "Audio",
    "AudioStream",
    "Clip",
    "ExportFormat",
    "ExportReport",
    "Frame",
    "Frames",
    "KeptFiles",
    "Layout",
    "MediaInfo",
    "Original",
    "Projection",
    "Sound",
    "SpatialAudio",
    "SpatialTags",
    "SphericalVideo",
    "StereoLayout",
    "VideoStream",
    "export_sound",
    "export_spatial",
    "file_sha256",
    "fit_length",
    "held",
    "load_frames",
    "probe",
    "prune",
    "read_audio",
    "read_clip_folder",
    "read_frames",
    "read_jpeg_frames",
    "read_spatial",
    "require_360",
    "resample",
    "store",
    "tag_movie",
    "user_cache",
    "video_duration",
    "write_audio",
    "write_sound",
    "write_video",
    "writing",
]

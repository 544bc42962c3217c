"""Files to arrays and back: video by timestamp, sound by channel, 360 and ambisonic metadata."""

from audiospace.media.atomic import writing
from audiospace.media.audio import Audio, fit_length, read_audio, resample, write_audio
from audiospace.media.clip_folder import Clip, read_clip_folder
from audiospace.media.delivery import ExportFormat, Original
from audiospace.media.export import ExportReport, export_spatial
from audiospace.media.layout import Layout, Projection, StereoLayout
from audiospace.media.probe import AudioStream, MediaInfo, VideoStream, probe, require_360
from audiospace.media.spatial_metadata import read_spatial, tag_movie
from audiospace.media.spherical_tags import SpatialAudio, SpatialTags, SphericalVideo
from audiospace.media.video import Frame, Frames, load_frames, read_frames, video_duration
from audiospace.media.video_writer import write_video

__all__ = [
    "Audio",
    "AudioStream",
    "Clip",
    "ExportFormat",
    "ExportReport",
    "Frame",
    "Frames",
    "Layout",
    "MediaInfo",
    "Original",
    "Projection",
    "SpatialAudio",
    "SpatialTags",
    "SphericalVideo",
    "StereoLayout",
    "VideoStream",
    "export_spatial",
    "fit_length",
    "load_frames",
    "probe",
    "read_audio",
    "read_clip_folder",
    "read_frames",
    "read_spatial",
    "require_360",
    "resample",
    "tag_movie",
    "video_duration",
    "write_audio",
    "write_video",
    "writing",
]

from core.models.machinery import CacheEntry, Worker
from core.models.site import SiteSettings, SiteSettingsChange, SiteSettingsQuerySet

__all__ = ["CacheEntry", "SiteSettings", "SiteSettingsChange", "SiteSettingsQuerySet", "Worker"]

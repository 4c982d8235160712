"""The console for people who have proved a second factor."""

from django_otp.admin import OTPAdminSite

from connectors.console.site import ConsoleSite


class SecondFactorSite(ConsoleSite, OTPAdminSite):
    """Asks for a one-time password after the password; see SHIPSYNC_REQUIRE_OTP."""

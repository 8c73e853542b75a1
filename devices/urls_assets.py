"""Addresses of the school’s own devices and of the log of pictures; pupils’ own devices have others."""

from django.urls import path

from devices.views import asset_issues, assets, image_sets

_OWNED, _LOG = "school-owned/", "pictures-log/"

asset_urls = [
    path(_OWNED, assets.AssetsView.as_view(), name="assets"),
    path(f"{_OWNED}list/", assets.AssetsListView.as_view(), name="assets-list"),
    path(f"{_OWNED}add/", assets.AddAssetView.as_view(), name="add-asset"),
    path(f"{_OWNED}attention/", assets.AttentionView.as_view(), name="assets-attention"),
    path(f"{_OWNED}beyond/", assets.BeyondView.as_view(), name="equipment-beyond"),
    path(f"{_OWNED}work-numbers/", assets.WorkContactsView.as_view(), name="work-contacts"),
    path(f"{_OWNED}staff/<int:person>/", assets.StaffAssetsView.as_view(), name="staff-assets"),
    path(f"{_OWNED}staff/<int:person>/work-number/", assets.SetWorkContactView.as_view(), name="set-work-contact"),
    path(f"{_OWNED}pupils/<int:pupil>/", assets.PupilAssetsView.as_view(), name="pupil-assets"),
    path(f"{_OWNED}ask/", asset_issues.AskSchoolDeviceView.as_view(), name="ask-school-device"),
    path(
        f"{_OWNED}ask/pupils/<int:pupil>/", asset_issues.AskSchoolDeviceForView.as_view(), name="ask-school-device-for"
    ),
    path(f"{_OWNED}give/staff/<int:person>/", asset_issues.GiveToStaffView.as_view(), name="give-school-device"),
    path(
        f"{_OWNED}give/pupils/<int:pupil>/", asset_issues.GiveToPupilView.as_view(), name="give-school-device-to-pupil"
    ),
    path(
        f"{_OWNED}requests/<int:approval>/change/",
        asset_issues.ChangeSchoolDeviceView.as_view(),
        name="change-school-device",
    ),
    path(f"{_OWNED}<int:asset>/", assets.AssetView.as_view(), name="asset"),
    path(f"{_OWNED}<int:asset>/change/", assets.ChangeAssetView.as_view(), name="change-asset"),
    path(f"{_OWNED}<int:asset>/protection/", assets.CheckProtectionView.as_view(), name="check-protection"),
    path(f"{_OWNED}<int:asset>/issue/", asset_issues.ChooseWhomView.as_view(), name="issue-asset"),
    path(
        f"{_OWNED}<int:asset>/issue/staff/<int:person>/", asset_issues.IssueToStaffView.as_view(), name="issue-to-staff"
    ),
    path(
        f"{_OWNED}<int:asset>/issue/pupils/<int:pupil>/", asset_issues.IssueToPupilView.as_view(), name="issue-to-pupil"
    ),
    path(f"{_OWNED}issues/<int:asset_issue>/return/", asset_issues.ReturnAssetView.as_view(), name="return-asset"),
    path(f"{_OWNED}issues/<int:asset_issue>/reset/", asset_issues.ConfirmResetView.as_view(), name="confirm-reset"),
    path(_LOG, image_sets.ImageSetsView.as_view(), name="image-sets"),
    path(f"{_LOG}list/", image_sets.ImageSetsListView.as_view(), name="image-sets-list"),
    path(f"{_LOG}log/", image_sets.LogImageSetView.as_view(), name="log-image-set"),
    path(f"{_LOG}<int:image_set>/", image_sets.ImageSetView.as_view(), name="image-set"),
    path(f"{_LOG}<int:image_set>/forms/<int:form>/", image_sets.NameShownView.as_view(), name="name-shown"),
    path(f"{_LOG}<int:image_set>/scrutinise/", image_sets.ScrutiniseView.as_view(), name="scrutinise-images"),
    path(f"{_LOG}<int:image_set>/question/", image_sets.ChallengeView.as_view(), name="challenge-images"),
    path(f"{_LOG}<int:image_set>/justify/", image_sets.JustifyView.as_view(), name="justify-images"),
]

"""Names and limits that the DUIS 5.4 schema fixes."""

SR = "http://www.dccinterface.co.uk/ServiceUserGateway"
DS = "http://www.w3.org/2000/09/xmldsig#"

SCHEMA_VERSION = "5.4"

# DeviceIDList: 1,199,999 characters are 50,000 identifiers of 23 and their commas.
MOST_DEVICES = 50_000
MOST_IMAGE_OCTETS = 10_240_000
MOST_COUNTER = 2**64 - 1
# The originator counter of a GBCS command is an INTEGER (0..2^63-1).
MOST_DEVICE_COUNTER = 2**63 - 1

# Whom requests that are not for a device are addressed to in DCC's samples.
ACCESS_CONTROL_BROKER = "90-B3-D5-1F-30-00-00-02"

WARNING_LISTS = {
    "InvalidDeviceIDList": "invalid",
    "NotCommissionedDeviceIDList": "not_commissioned",
    "NotApplicableFirmwareDeviceIDList": "not_applicable_firmware",
    "OtherRequestInProgressList": "other_request_in_progress",
    "InvalidGBCSVersionList": "invalid_gbcs_version",
}
